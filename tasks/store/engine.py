"""The database: SQLite by default, PostgreSQL by URL. Transactions are short and explicit.

SQLite: WAL on a local disk, synchronous=FULL (a lost `sending` would be a second mail), BEGIN IMMEDIATE for writers.
PostgreSQL: READ COMMITTED; rows that are compared and swapped are locked first.
No error carries the values of a row: it ends in logs and in Prefect.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import StatementError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session

from dunning.errors import SettingsInvalid
from tasks.store import audit

SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")
POSTGRES_LIMITS = "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"


class Store:
    """One database. `read()` gives a session that must not write, `write()` one transaction that commits at its end."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_postgres = self.url.get_backend_name() == "postgresql"
        self.engine = _postgres(url) if self.is_postgres else _sqlite(url)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may write: all of it or nothing, its audit entries last."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session
            audit.write(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot for reading; it never blocks a writer."""
        with Session(self.engine.execution_options(read_only=True), expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _postgres(url: str) -> Engine:
    engine = create_engine(url, connect_args={"options": POSTGRES_LIMITS}, pool_pre_ping=True, hide_parameters=True)

    event.listen(engine, "handle_error", _without_values)
    return engine


def _sqlite(url: str) -> Engine:
    in_memory = make_url(url).database in (None, "", ":memory:")
    if not in_memory:
        _private_folder(Path(str(make_url(url).database)).parent)
    options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True, **options)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # Python must not open transactions behind our back
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        if not in_memory and mode != "wal":
            raise SettingsInvalid(
                f"SQLite runs in journal mode {mode}, not WAL",
                "put the database on a local disk, not on a network share",
            )

    event.listen(engine, "handle_error", _without_values)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("read_only") and not in_memory
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _private_folder(folder: Path) -> None:
    try:
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise SettingsInvalid(
            f"{folder}: the folder cannot be made", "set MAHNLAUF_HOME to a folder that may be written"
        ) from error


def _without_values(context: ExceptionContext) -> None:
    """Take the row's values out of an error: Prefect keeps its text, and the pickled exception with all its parts."""
    told, cause = context.sqlalchemy_exception, context.original_exception
    if not isinstance(told, StatementError):
        return
    told.params = None
    if isinstance(cause, psycopg.Error) and cause.diag.message_primary:
        first_line = cause.diag.message_primary  # the next one, the detail, repeats the row
        told.args = (f"({type(cause).__name__}) {first_line}",)
        told.orig, cause.args = type(cause)(first_line), (first_line,)
