"""A place as the program finds one: the sample shop's settings in the environment, everything else in one folder."""

from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from deployments.demo.seller import settings_env
from tasks.settings import PREFIX


def settings_of(home: Path, **changed: object) -> dict[str, str]:
    """The environment of a complete place at `home`; `changed` are settings by their name without prefix."""
    shop = {name: value or "" for name, value in dotenv_values(stream=StringIO(settings_env())).items()}
    named = {f"{PREFIX}{name.upper()}": str(value) for name, value in changed.items()}
    return shop | {f"{PREFIX}HOME": str(home)} | named
