"""The tests' own PostgreSQL hands out databases that know nothing of each other."""

import pytest
from sqlalchemy import create_engine, text

from tests.support.postgres import Cluster


@pytest.mark.postgres
def test_a_copy_has_what_its_template_had_and_goes_its_own_way(postgres: Cluster) -> None:
    template = postgres.new_database()
    _execute(template, "CREATE TABLE entry (cents integer)", "INSERT INTO entry VALUES (1)")
    copy = postgres.new_database(template)
    _execute(copy, "INSERT INTO entry VALUES (2)")
    assert (_entries(template), _entries(copy)) == (1, 2)


def test_databases_are_empty_at_first(database_url: str) -> None:
    _execute(database_url, "CREATE TABLE entry (cents integer)")
    assert _entries(database_url) == 0


def _execute(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _entries(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM entry")).scalar_one()
    engine.dispose()
    return count
