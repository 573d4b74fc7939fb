"""Base rates that persons confirm: kept for good, said in the audit, never against what is known."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlmodel import select

from dunning.base_rates import BUILT_IN, BaseRate
from dunning.errors import InputRejected
from tasks.clock import FixedClock
from tasks.findings import Finding
from tasks.store import audit, base_rates
from tasks.store.engine import Store
from tasks.store.tables import AuditRow, BaseRateRow
from tasks.watch import find_faults
from tasks.world import World

AT = datetime(2027, 1, 4, 9, tzinfo=UTC)
JANUARY, JULY = BaseRate(date(2027, 1, 1), 127, "Bundesanzeiger"), BaseRate(date(2027, 7, 1), -12, "Bundesanzeiger")


def confirm(store: Store, *rows: BaseRate, person: str = "Maren Holt") -> list[BaseRate]:
    with store.write() as session:
        return base_rates.confirm(session, rows, person, AT)


def stored(store: Store) -> list[BaseRateRow]:
    with store.read() as session:
        return base_rates.stored(session)


def audited(store: Store) -> list[AuditRow]:
    with store.read() as session:
        assert audit.verify(session) is None
        return list(session.exec(select(AuditRow)))


def test_a_new_place_knows_what_ships(store: Store) -> None:
    with store.read() as session:
        assert base_rates.known(session) == BUILT_IN


def test_a_confirmed_row_is_known_from_then_on(store: Store) -> None:
    assert confirm(store, JULY, JANUARY, person=" Maren Holt ") == [JANUARY, JULY]
    with store.read() as session:
        assert base_rates.known(session).rows == (*BUILT_IN.rows, JANUARY, JULY)
    assert [(row.from_on, row.bps, row.source, row.person, row.at) for row in stored(store)] == [
        (date(2027, 1, 1), 127, "Bundesanzeiger", "Maren Holt", AT),
        (date(2027, 7, 1), -12, "Bundesanzeiger", "Maren Holt", AT),
    ]


def test_the_audit_says_who_confirmed_what_and_from_where(store: Store) -> None:
    confirm(store, JULY)
    assert [
        (row.actor, row.subject, row.event, row.from_state, row.to_state, row.reason) for row in audited(store)
    ] == [
        ("Maren Holt", "base rate 2027-07-01", "base_rate_confirmed", "", "-0.12", "Bundesanzeiger"),
    ]


def test_what_is_known_is_not_stored_again(store: Store) -> None:
    assert confirm(store, JANUARY)
    assert confirm(store, JANUARY, BaseRate(date(2026, 7, 1), 152, "another"), person="Tjark") == []
    assert len(stored(store)) == len(audited(store)) == 1


@pytest.mark.parametrize("row", [BaseRate(date(2027, 1, 1), 128, "x"), BaseRate(date(2026, 7, 1), 127, "x")])
def test_a_contradiction_stores_nothing_at_all(store: Store, row: BaseRate) -> None:
    confirm(store, JANUARY)
    with pytest.raises(InputRejected) as refused:
        confirm(store, JULY, row)
    assert refused.value.reason == "base_rate_contradicts"
    assert [each.from_on for each in stored(store)] == [JANUARY.from_on]
    assert len(audited(store)) == 1


@pytest.mark.parametrize(
    ("row", "person", "reason"),
    [
        (JANUARY, "", "no_person"),
        (JANUARY, " ", "no_person"),
        (BaseRate(date(2027, 1, 1), 127, " "), "Maren", "no_source"),
    ],
)
def test_nobody_and_nowhere_confirm_nothing(store: Store, row: BaseRate, person: str, reason: str) -> None:
    with pytest.raises(InputRejected) as refused:
        confirm(store, row, person=person)
    assert refused.value.reason == reason
    assert stored(store) == []
    assert audited(store) == []


def test_two_who_confirm_at_once_store_one_row(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(confirm, store, JANUARY, person=f"clerk {number}") for number in range(8)]
        assert sorted(len(each.result()) for each in done) == [0] * 7 + [1]
    assert len(stored(store)) == len(audited(store)) == 1


def test_a_row_that_contradicts_what_ships_stops_every_calculation(store: Store) -> None:
    """As after an update whose table knows a half-year otherwise than a person did."""
    with store.write() as session:
        session.add(BaseRateRow(from_on=date(2026, 7, 1), bps=127, source="memory", person="Tjark", at=AT))
    with store.read() as session, pytest.raises(InputRejected) as refused:
        base_rates.known(session)
    assert refused.value.reason == "base_rate_contradicts"


def findings(world: World, day: date) -> list[Finding]:
    """What the watch finds about base rates on a day."""
    assert isinstance(world.clock, FixedClock)
    world.clock.move_to(FixedClock.on(day).now())
    return [finding for finding in find_faults(world) if "base rate" in finding.what]


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 17)])
def test_the_watch_says_nothing_while_rates_are_known(world: World, day: date) -> None:
    assert findings(world, day) == []


@pytest.mark.parametrize("day", [date(2026, 12, 18), date(2026, 12, 31)])
def test_the_watch_asks_for_the_next_rate_two_weeks_ahead(world: World, day: date) -> None:
    (finding,) = findings(world, day)
    assert finding.what == "the base rate of the half-year from 2027-01-01 is not confirmed yet"
    assert "mahnlauf base-rate load --url" in finding.todo
    assert not finding.broken
    confirm(world.store, JANUARY)
    assert findings(world, day) == []


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2027, 6, 30)])
def test_the_watch_misses_the_rate_of_today(world: World, day: date) -> None:
    (finding,) = findings(world, day)
    assert finding.what == "the base rate of the half-year from 2027-01-01 is not confirmed"
    assert "mahnlauf base-rate add --from 2027-01-01" in finding.todo
    assert not finding.broken


def test_the_watch_finds_a_row_that_contradicts(world: World) -> None:
    statement = "INSERT INTO base_rate (from_on, bps, source, person, at) VALUES ('2026-07-01', 127, 'x', 'x', :at)"
    with world.store.write() as session:
        session.connection().execute(text(statement), {"at": "2026-11-23 08:00:00+00"})
    (finding,) = findings(world, date(2026, 11, 23))
    assert "is 1.52 %, not 1.27 %" in finding.what
    assert finding.todo.startswith("compare both with bundesbank.de")
