"""Shops to be worked on by processes that die, and the figures of each test at the end of the session."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.store.engine import Store
from tasks.world import World
from tests.conftest import DATABASES
from tests.crash import shops
from tests.support.postgres import Cluster
from tests.support.world import world_over

FIGURES = "crash figures"
Life = Callable[[World], None]


@pytest.fixture(scope="session")
def sqlite_shops(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Life, Path], str]:
    """Make a SQLite database at a path, in which this life was lived; lived once, copied often."""
    folder = tmp_path_factory.mktemp("shops")

    def copied(life: Life, to: Path) -> str:
        original = folder / f"{life.__name__}.db"
        if not original.exists():
            shutil.copyfile(migrated_sqlite, original)
            _live(life, f"sqlite:///{original}", folder)
        return f"sqlite:///{shutil.copyfile(original, to)}"

    return copied


@pytest.fixture(scope="session")
def postgres_shops(
    postgres: Cluster, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Life], str]:
    """Make a PostgreSQL database in which this life was lived; lived once, copied often."""
    originals: dict[str, str] = {}

    def copied(life: Life) -> str:
        if life.__name__ not in originals:
            originals[life.__name__] = postgres.new_database(migrated_postgres)
            _live(life, originals[life.__name__], tmp_path_factory.mktemp("shops"))
        return postgres.new_database(originals[life.__name__])

    return copied


def _live(life: Life, url: str, folder: Path) -> None:
    store = Store(url)
    life(world_over(store, folder))
    store.close()


def _url(life: Life, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_shops")(life, folder / "mahnlauf.db")
        return
    url = request.getfixturevalue("postgres_shops")(life)
    yield url
    request.getfixturevalue("postgres").drop_database(url)


@pytest.fixture(params=DATABASES)
def many_due(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a shop's database in which all claims are due for their reminder, once SQLite, once PostgreSQL."""
    yield from _url(shops.many_due, request, tmp_path)


@pytest.fixture(params=DATABASES)
def few_due(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same with a few claims."""
    yield from _url(shops.few_due, request, tmp_path)


@pytest.fixture(params=DATABASES)
def proposed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a shop's database in which all claims are proposed for hand-over."""
    yield from _url(shops.proposed, request, tmp_path)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say in one line what a test saw; shown at the end of the session, also where pytest-xdist ran it."""
    return lambda line: record_property(FIGURES, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a test: what was killed, and what became of it."""
    said = {
        report.nodeid: value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == FIGURES
    }
    if said:
        terminalreporter.section("never two, never none")
    for nodeid, line in said.items():
        terminalreporter.line(f"{nodeid.rpartition('::')[2]}: {line}")
