"""Migrations: the database's schema is brought to the newest revision, or found to be another one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from dunning.errors import RuleViolation, SettingsInvalid
from tasks.store.engine import Store

MIGRATIONS = Path(__file__).resolve().parents[2] / "deployments" / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(store: Store) -> str:
    """Bring the database to the newest revision, in one transaction; returns that revision."""
    config = _config()
    with _connected(store) as connection, _tables_may_be_rewritten(connection, store), connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if not store.is_postgres and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuleViolation("a migration left a row whose parent is gone", "nothing was changed: tell us")
    return newest_revision()


def newest_revision() -> str:
    """The revision that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current_revision(store: Store) -> str:
    """The revision of the database; empty for a new one."""
    with _connected(store) as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def require_newest(store: Store) -> None:
    """SettingsInvalid where the database is at another revision than this program needs."""
    if (found := current_revision(store)) != (needed := newest_revision()):
        raise SettingsInvalid(
            f"the database is at revision {found or 'none'}, this program needs {needed}",
            "run: mahnlauf migrate",
        )


@contextmanager
def _tables_may_be_rewritten(connection: Connection, store: Store) -> Iterator[None]:
    """SQLite changes a table by writing it anew, and drops the old one: its foreign keys look away meanwhile.

    The switch does nothing inside a transaction, so it is thrown on the driver's own connection.
    """
    driver = connection.connection.driver_connection
    if store.is_postgres or driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def _connected(store: Store) -> Iterator[Connection]:
    """A connection; SettingsInvalid where the database does not open."""
    try:
        connection = store.engine.connect()
    except DBAPIError as error:
        raise SettingsInvalid(
            f"the database does not open: {str(error.orig).splitlines()[0]}",
            "check MAHNLAUF_DATABASE_URL and MAHNLAUF_HOME, and that the database runs",
        ) from error
    with connection:
        yield connection
