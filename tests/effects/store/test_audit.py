"""The audit tells of every change in the past: a word, a row less, rows in another order."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tasks.store import audit
from tasks.store.audit import Entry
from tasks.store.engine import Store

AT = datetime(2026, 3, 2, 8, 0, 0, 123_456, tzinfo=UTC)


def _append(store: Store, count: int, actor: str = "Maren") -> None:
    for number in range(count):
        entry = Entry(actor, f"claim RE-{number}", "facts_changed", "open", "settled", "böse", f"e-{number}")
        with store.write() as session:
            audit.append(session, [entry], AT + timedelta(seconds=number))


def _tamper(store: Store, *statements: str) -> str | None:
    """Change the past as somebody with the database's password could; returns what `verify` then says."""
    triggers = (
        ["DROP TRIGGER audit_append_only ON audit"]
        if store.is_postgres
        else ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]
    )
    with store.write() as session:
        for statement in (*triggers, *statements):
            session.connection().execute(text(statement))
    return _verify(store)


def _verify(store: Store) -> str | None:
    with store.read() as session:
        return audit.verify(session)


def test_an_honest_chain_holds(store: Store) -> None:
    assert _verify(store) is None
    _append(store, 3)
    with store.write() as session:
        audit.append(session, [], AT)
        audit.append(session, [Entry("a", "b", "c"), Entry("a", "b", "c")], AT)
    assert _verify(store) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "'Tjark'"),
        ("subject", "'claim RE-2'"),
        ("event", "'paid_off'"),
        ("from_state", "'settled'"),
        ("to_state", "'open'"),
        ("reason", "'lieb'"),
        ("effect_id", "''"),
        ("at", "'2026-03-02 08:00:01.123457+00'"),
        ("previous_sha256", "sha256"),
        ("sha256", f"'{'0' * 64}'"),
    ],
)
def test_a_changed_word_is_found(store: Store, column: str, value: str) -> None:
    _append(store, 3)
    value = value if store.is_postgres else value.removesuffix("+00'") + "'" * value.endswith("+00'")
    assert _tamper(store, f"UPDATE audit SET {column} = {value} WHERE seq = 2") == "audit row 2 was changed"


def test_a_missing_row_is_found(store: Store) -> None:
    _append(store, 3)
    assert _tamper(store, "DELETE FROM audit WHERE seq = 2") == "audit row 2 is missing"


def test_a_missing_row_is_found_where_the_others_close_up(store: Store) -> None:
    _append(store, 3)
    close_up = ["DELETE FROM audit WHERE seq = 1", *(f"UPDATE audit SET seq = {n - 1} WHERE seq = {n}" for n in (2, 3))]
    assert _tamper(store, *close_up) == "audit row 1 was changed"


def test_another_order_is_found(store: Store) -> None:
    _append(store, 4)
    swapped = [f"UPDATE audit SET seq = {target} WHERE seq = {source}" for source, target in ((2, 9), (3, 2), (9, 3))]
    assert _tamper(store, *swapped) == "audit row 2 was changed"


def test_writers_at_once_make_one_chain(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(_append, store, 5, f"worker {name}") for name in range(4)]:
            done.result()
    assert _verify(store) is None
    with store.read() as session:
        assert session.connection().scalar(text("SELECT max(seq) FROM audit")) == 20
