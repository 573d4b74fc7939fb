"""This place's database, for commands that need nothing else of the place."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.settings import load_settings
from tasks.store.engine import Store
from tasks.store.migrate import migrate


@contextmanager
def own_store() -> Iterator[Store]:
    """The database, brought up to date; no setting is needed."""
    store = Store(load_settings().database_url)
    try:
        migrate(store)
        yield store
    finally:
        store.close()
