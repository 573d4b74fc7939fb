"""One run at a time: a lock that the operating system or PostgreSQL frees when its holder dies."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from dunning.errors import RunRefused
from tasks.store.engine import Store

NOTICES, AGENCY, INTAKE = "dunning-run", "agency", "intake"
"""The locks: whoever decides and sends notices, whoever speaks to the agency, whoever takes files in."""


@contextmanager
def only_one(store: Store, name: str) -> Iterator[None]:
    """Hold the lock of this name over the block; RunRefused `another_run` where somebody else has it."""
    hold = _on_postgres(store, name) if store.is_postgres else _on_file(store, name)
    with hold:
        yield


@contextmanager
def _on_postgres(store: Store, name: str) -> Iterator[None]:
    """An advisory lock on a connection of its own: on a pooled one it would outlive its holder."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    engine = create_engine(store.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
            raise _taken(name)
        yield


@contextmanager
def _on_file(store: Store, name: str) -> Iterator[None]:
    """A lock on a file beside the database, freed by the kernel; a database in memory has one process only."""
    if store.url.database in (None, "", ":memory:"):
        yield
        return
    path = Path(str(store.url.database)).with_suffix(f".{name}.lock")
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(name) from None
        yield


def _taken(name: str) -> RunRefused:
    return RunRefused("another_run", f"another {name} is at work", "wait until it has ended; nothing was done")
