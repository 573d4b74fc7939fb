"""One transaction or nothing; readers and writers side by side; instants that stay what they are."""

import pickle
import traceback
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import select

from tasks.store.engine import SQLITE_PRAGMAS, Store
from tasks.store.tables import CustomerRow, ImportFileRow


def _file(at: datetime, sha256: str = "a") -> ImportFileRow:
    return ImportFileRow(sha256=sha256, name="a.csv", status="taken", at=at)


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    def write_half() -> None:
        with store.write() as session:
            session.add(CustomerRow(number="K-1"))
            session.flush()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_half()
    with store.read() as session:
        assert session.exec(select(CustomerRow)).all() == []


def test_a_reader_neither_waits_for_a_writer_nor_sees_what_is_not_committed(store: Store) -> None:
    with store.write() as session:
        session.add(CustomerRow(number="K-1"))
        session.flush()
        with store.read() as reader:
            assert reader.exec(select(CustomerRow)).all() == []
    with store.read() as reader:
        assert len(reader.exec(select(CustomerRow)).all()) == 1


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone follows
    hours=st.integers(-12, 14),
)
def test_an_instant_comes_back_as_the_same_instant_in_utc(store: Store, at: datetime, hours: int) -> None:
    instant = at.replace(tzinfo=timezone(timedelta(hours=hours)))
    with store.write() as session:
        session.add(row := _file(instant))
        session.flush()
        session.expunge(row)
        stored = session.exec(select(ImportFileRow)).one()
        session.delete(stored)
    assert stored.at == instant
    assert stored.at.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 3, 2, 9)  # noqa: DTZ001 - this is what is refused
    with pytest.raises(StatementError, match="needs its time zone"), store.write() as session:
        session.add(_file(naive))


def test_sqlite_is_set_up_so_that_a_commit_survives(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new' / 'mahnlauf.db'}")
    with store.engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {pragma.partition('=')[0]}").scalar_one() for pragma in SQLITE_PRAGMAS
        ]
    store.close()
    assert found == ["wal", 2, 1, 30_000]
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_no_error_carries_the_values_of_a_row(store: Store) -> None:
    def customer(number: str) -> CustomerRow:
        return CustomerRow(number=number, kind="consumer", name="Zwitscherling", email="z@canary.example")

    with store.write() as session:
        session.add(customer("K-1"))
    broken = customer("K-2")
    broken.kind = "Zwitscherling"
    for row in (customer("K-1"), broken):
        with pytest.raises(IntegrityError) as error, store.write() as session:
            session.add(row)
        for told in ("".join(traceback.format_exception(error.value)), repr(pickle.dumps(error.value))):
            assert "Zwitscherling" not in told
            assert "canary" not in told
