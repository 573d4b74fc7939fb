"""From an empty database to the newest revision; what comes out is what the models say, to the last CHECK."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

import tasks.store.tables  # noqa: F401  (registers the tables)
from dunning.errors import SettingsInvalid
from tasks.store.engine import Store
from tasks.store.migrate import current_revision, migrate, newest_revision, require_newest


def test_an_empty_database_becomes_the_newest(database_url: str) -> None:
    store = Store(database_url)
    assert current_revision(store) == ""
    assert migrate(store) == migrate(store) == newest_revision() == current_revision(store)
    require_newest(store)
    store.close()


def test_another_revision_says_what_to_run(database_url: str) -> None:
    store = Store(database_url)
    with pytest.raises(SettingsInvalid) as refused:
        require_newest(store)
    store.close()
    assert refused.value.what == f"the database is at revision none, this program needs {newest_revision()}"
    assert refused.value.todo == "run: mahnlauf migrate"


@pytest.mark.parametrize("place", ["junk.db", "file/mahnlauf.db", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_a_database_that_does_not_open_is_two_lines(tmp_path: Path, place: str) -> None:
    (tmp_path / "junk.db").write_bytes(b"no database" * 1_000)
    (tmp_path / "file").touch()
    store = Store(place if "://" in place else f"sqlite:///{tmp_path / place}")
    for look in (migrate, require_newest):
        with pytest.raises(SettingsInvalid) as refused:
            look(store)
        assert refused.value.what.startswith("the database does not open: ")
        assert len(str(refused.value).splitlines()) == 2
    store.close()


def test_a_folder_that_cannot_be_made_is_two_lines(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsInvalid, match="the folder cannot be made"):
        Store(f"sqlite:///{tmp_path}/file/inside/mahnlauf.db")


def test_the_migrations_make_what_the_models_say(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_migrations_make_the_very_tables_that_the_models_make(store: Store) -> None:
    found = _shape(store)
    SQLModel.metadata.drop_all(store.engine)
    SQLModel.metadata.create_all(store.engine)
    assert found == _shape(store)
    assert all(found["claim"].values())


def _shape(store: Store) -> dict[str, dict[str, list[str]]]:
    """Columns, CHECKs, indexes and keys of every table of ours."""
    inspector = inspect(store.engine)
    looks: dict[str, Callable[[str], Any]] = {
        "columns": inspector.get_columns,
        "checks": inspector.get_check_constraints,
        "uniques": inspector.get_unique_constraints,
        "indexes": inspector.get_indexes,
        "foreign": inspector.get_foreign_keys,
        "primary": lambda table: [inspector.get_pk_constraint(table)],
    }
    return {
        table: {name: sorted(map(_plain, look(table))) for name, look in looks.items()}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def _plain(part: object) -> str:
    """A part of a table as text, whatever objects it is made of."""
    if isinstance(part, dict):
        return str(sorted((key, _plain(value)) for key, value in part.items()))
    return str(part)
