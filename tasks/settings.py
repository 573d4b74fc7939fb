"""Settings of the place: the environment and `.env`, names `MAHNLAUF_...`, read here and nowhere else.

`load_settings` reads; `Settings` is a frozen value that tests and replays build themselves, so that no
developer's `.env` reaches them. No message repeats a value, since a value may be a key.
"""

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from dunning.errors import SettingsInvalid
from tasks.creditor import Creditor, Text

__all__ = ["Creditor", "Settings", "load_settings", "setting_names"]

PREFIX = "MAHNLAUF_"
POLICY = Path(__file__).parents[1] / "deployments" / "policy.yaml"
_FOLLOWS = "default_factory_not_called"
"""A fault of a setting that is made of another one, which has its own fault."""
_WHERE = "in the environment or in .env; deployments/settings.example.env explains each setting"


def _url(value: str) -> str:
    """Without trailing slash; unencrypted only within this machine or its network (a host without dots)."""
    if not value:
        return value
    parts = urlsplit(value)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise ValueError("is no address, such as https://api.sendgrid.com")
    if parts.scheme == "http" and "." in host and not host.startswith("127."):
        raise ValueError("must begin with https://, since keys and personal data go there")
    return value.rstrip("/")


def _database_url(value: str) -> str:
    for plain in ("postgresql://", "postgres://"):
        if value.startswith(plain):
            return "postgresql+psycopg://" + value.removeprefix(plain)
    if not value.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise ValueError("is neither sqlite:///FILE nor postgresql://USER:PASSWORD@HOST/NAME")
    return value


def _agency_key(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not re.fullmatch(r"[^:]+:[^:]+:.+", value.get_secret_value()):
        raise ValueError("has not the form uuid:user:password")
    return value


Url = Annotated[str, AfterValidator(_url)]
AbsolutePath = Annotated[Path, AfterValidator(Path.absolute)]


class Settings(BaseModel):
    """The place we run at. With nothing set: all under `./var`, mails as files, the agency's sandbox."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: AbsolutePath = Field(default=Path("var"), validate_default=True)
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default_factory=lambda data: f"sqlite:///{data['home']}/mahnlauf.db", repr=False
    )
    """With its driver written out; may hold a password."""
    policy: AbsolutePath = POLICY
    sendgrid_api_key: SecretStr | None = None
    """None: mails are written to `outbox_dir`."""
    sendgrid_host: Url = "https://api.sendgrid.com"
    agency_url: Url = ""
    """Empty: the sandbox on this machine."""
    agency_key: Annotated[SecretStr | None, AfterValidator(_agency_key)] = None
    """`uuid:user:password`."""
    agency_name: Text = ""
    """As the final warning names it."""
    bureau_url: Url = ""
    payment_term_days: Annotated[int, Field(ge=0, le=60)] = 14
    """Days to pay where an invoice says nothing usable; at most 60 (§ 271a BGB)."""
    creditor: Creditor = Creditor()

    @property
    def outbox_dir(self) -> Path:
        """Mails and letters that are written instead of posted."""
        return self.home / "outbox"

    @property
    def inbox_dir(self) -> Path:
        """Invoices and bank files that wait to be taken in."""
        return self.home / "inbox"

    @property
    def agency_is_sandbox(self) -> bool:
        """Whether claims go to a stand-in on this machine instead of an agency."""
        return urlsplit(self.agency_url).hostname in (None, "127.0.0.1", "localhost", "::1")

    def missing(self) -> tuple[str, ...]:
        """Names of the empty settings without which the ladder cannot be climbed to its end."""
        agency = () if self.agency_name else (f"{PREFIX}AGENCY_NAME",)
        return (*self.creditor.missing(), *agency)


class _Place(Settings, BaseSettings):
    """Settings as pydantic-settings reads them; names with `CREDITOR_` fill the creditor."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        extra="ignore",
    )


def setting_names() -> tuple[str, ...]:
    """Every name that may be set."""
    place = (name for name in Settings.model_fields if name != "creditor")
    creditor = (f"creditor_{name}" for name in Creditor.model_fields)
    return tuple(PREFIX + name.upper() for name in (*place, *creditor))


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Read the environment, and what it leaves open from the file.

    Raises SettingsInvalid, with one line what and one line what to do.
    """
    file_names = DotEnvSettingsSource(_Place, env_file=env_file, case_sensitive=True).env_vars
    _refuse_unknown((*os.environ, *file_names))
    try:
        read = _Place(_env_file=env_file)
    except ValidationError as error:
        faults = [(_name(each["loc"]), each["msg"]) for each in error.errors() if each["type"] != _FOLLOWS]
        what = "; ".join(f"{name} {message.removeprefix('Value error, ')}" for name, message in faults)
        raise SettingsInvalid(f"{what}.", f"Correct {faults[0][0]} {_WHERE}.") from error
    return Settings.model_validate({name: getattr(read, name) for name in read.model_fields_set})


def _name(loc: tuple[int | str, ...]) -> str:
    return PREFIX + "_".join(str(part) for part in loc).upper()


def _refuse_unknown(names: tuple[str, ...]) -> None:
    known = setting_names()
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = get_close_matches(name.upper(), known, n=1, cutoff=0)[0]
            raise SettingsInvalid(f"{name} is no setting.", f"Did you mean {near}? Correct it {_WHERE}.")
