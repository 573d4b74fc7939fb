"""A Prefect server for the flows' tests, and a place in the environment for each of them."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from prefect.settings import PREFECT_SERVER_DATABASE_CONNECTION_URL
from prefect.testing.utilities import prefect_test_harness
from sqlalchemy.engine import make_url

from tests.support.place import settings_of

STARTS = 3
"""Prefect's harness gives up where another program takes its port while the server starts."""


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[Path]:
    """Prefect's temporary server; the path of its database."""
    with ExitStack() as stack:
        for starts_left in reversed(range(STARTS)):
            try:
                stack.enter_context(prefect_test_harness(server_startup_timeout=120))
                break
            except httpx.TransportError:
                if not starts_left:
                    raise
        database = make_url(str(PREFECT_SERVER_DATABASE_CONNECTION_URL.value())).database
        assert database
        yield Path(database)


@pytest.fixture
def place(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a complete place with an empty database, in the environment."""
    shutil.copyfile(migrated_sqlite, tmp_path / "mahnlauf.db")
    monkeypatch.chdir(tmp_path)  # no developer's .env
    for name, value in settings_of(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path
