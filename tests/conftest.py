"""What every test stands on: a clean environment, a database of its own, a browser that stays here.

Prefect reads its environment when it is imported, so that part is done here and not in a fixture.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFECT_HOME = tempfile.mkdtemp(prefix="mahnlauf-prefect-")
atexit.register(shutil.rmtree, PREFECT_HOME, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith(("MAHNLAUF_", "PREFECT_"))]:
    del os.environ[_name]
os.environ |= {
    "PREFECT_HOME": PREFECT_HOME,
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402
from playwright.sync_api import Browser, Page  # noqa: E402

from tasks.store.engine import Store  # noqa: E402
from tasks.store.migrate import migrate  # noqa: E402
from tasks.world import World  # noqa: E402
from tests.support.chromium import ChromiumMissingError, chromium, loopback_page  # noqa: E402
from tests.support.postgres import Cluster, PostgresMissingError  # noqa: E402
from tests.support.world import world_over  # noqa: E402

# The same cases every time, however busy the machine; `pytest --hypothesis-profile=explore` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("same")

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(autouse=True)
def no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that sets MAHNLAUF_... leaves nothing to the next one, whatever way it did it."""
    for name in [name for name in os.environ if name.startswith("MAHNLAUF_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The session's PostgreSQL server, one for each worker of pytest-xdist; skips where there is none."""
    try:
        cluster = Cluster()
    except PostgresMissingError as error:
        pytest.skip(str(error))
    with cluster:
        yield cluster


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, once SQLite's and once PostgreSQL's."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'mahnlauf.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    url = cluster.new_database()
    yield url
    cluster.drop_database(url)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "mahnlauf.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Cluster) -> str:
    """URL of a migrated PostgreSQL database to copy."""
    url = postgres.new_database()
    _migrate(url)
    return url


def _migrate(url: str) -> None:
    store = Store(url)
    migrate(store)
    store.close()


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated, empty database, once SQLite's and once PostgreSQL's."""
    if request.param == "sqlite":
        path = tmp_path / "mahnlauf.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        store = Store(f"sqlite:///{path}")
        yield store
        store.close()
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    url = cluster.new_database(request.getfixturevalue("migrated_postgres"))
    store = Store(url)
    yield store
    store.close()
    cluster.drop_database(url)


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    """A shop in Berlin with our house rules, a clock that stands, and fakes for mail and agency."""
    return world_over(store, tmp_path)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium for one module's tests; skips where there is none."""
    try:
        with chromium() as running:
            yield running
    except ChromiumMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in an empty profile; the test fails if it asked any machine but this one."""
    with loopback_page(browser) as page:
        yield page
