"""The sample shop, written and lived through once for all its tests."""

from datetime import date
from pathlib import Path

import pytest

from deployments.demo import Story, write_shop
from tests.effects.demo.rehearsal import Rehearsal

START = date(2026, 9, 28)


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return write_shop(tmp_path_factory.mktemp("sample") / "shop", start=START)


@pytest.fixture(scope="session")
def lived(story: Story) -> Rehearsal:
    rehearsal = Rehearsal()
    rehearsal.live(story)
    return rehearsal


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its relative path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
