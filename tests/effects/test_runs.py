"""The run of a day: once, in order, guarded; it looks at what is due and says why for every claim."""

import time
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlmodel import SQLModel, col, select

from dunning.errors import RunRefused
from dunning.lifecycle import State
from dunning.reasons import HoldKind
from tasks import desk
from tasks.ladder import runs
from tasks.ladder.by_hand import plan_invoices
from tasks.store.tables import AuditRow, ClaimRow, DecisionRow, EffectRow, InvoiceRow, LedgerEntryRow
from tasks.world import World
from tests.support.ladder import DUE_ON, answers, guarded, run, stored_run
from tests.support.world import (
    MONDAY,
    add_customer,
    add_invoice,
    claim,
    effects_of,
    know_payments,
    pay,
    run_day,
)

MAREN = desk.Act("Maren", "asked for it")


def dump(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with world.store.read() as session:
        return {
            table: sorted(map(tuple, session.connection().execute(text(f"SELECT * FROM {table}"))), key=repr)
            for table in SQLModel.metadata.tables
        }


def decisions(world: World, number: str = "RE-1") -> list[tuple[date, str, list[str]]]:
    with world.store.read() as session:
        rows = select(DecisionRow).join(ClaimRow).where(ClaimRow.number == number).order_by(col(DecisionRow.id))
        return [(row.decided_on, row.answer, row.reasons) for row in session.exec(rows)]


def test_no_claims(world: World) -> None:
    plan = run(world)
    assert (plan.answers, plan.effect_ids, plan.counts) == ((), (), {})
    row = stored_run(world)
    assert (row.looked_at, row.answers, row.notices, row.hand_overs, row.cents) == (0, {}, 0, 0, 0)


def test_one_claim(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    plan = run(world)
    (effect,) = effects_of(world)
    assert (answers(plan), plan.effect_ids) == ({"RE-1": "send_notice:1"}, (effect.id,))
    assert (effect.run_id, effect.business_date) == (plan.run_id, MONDAY)
    row = stored_run(world)
    assert (row.looked_at, row.answers, row.notices, row.hand_overs, row.cents) == (1, {"send_notice": 1}, 1, 0, 10_000)
    assert decisions(world) == [(MONDAY, "send_notice", [])]
    assert row.finished_at is None
    runs.close_run(world, row.id or 0)
    assert stored_run(world).finished_at == world.clock.now()


@pytest.mark.parametrize(
    ("due_on", "looked_at"), [(DUE_ON, True), (DUE_ON + timedelta(1), False)], ids=["its day", "the day before"]
)
def test_only_claims_whose_day_has_come_are_read(world: World, due_on: date, looked_at: bool) -> None:
    add_invoice(world, due_on=due_on)
    assert len(run(world).answers) == looked_at


def test_a_second_run_of_the_day_finds_nothing_new(world: World) -> None:
    for number in ("RE-1", "RE-2"):
        add_invoice(world, number, due_on=DUE_ON)
    first = run(world)
    second = run(world)
    assert (second.run_id, len(first.effect_ids), second.answers, second.effect_ids) == (first.run_id, 2, (), ())
    row = stored_run(world)
    assert (row.passes, row.notices, row.cents, row.looked_at) == (2, 2, 20_000, 0)


def test_a_second_run_of_the_day_finds_what_came_meanwhile(world: World) -> None:
    add_invoice(world, "RE-1", due_on=DUE_ON)
    run(world)
    add_invoice(world, "RE-2", due_on=DUE_ON)
    assert answers(run(world)) == {"RE-2": "send_notice:1"}
    assert stored_run(world).notices == 2


@pytest.mark.parametrize(
    ("day", "reason"),
    [(MONDAY - timedelta(1), "run_before_last_run"), (MONDAY + timedelta(1), "run_in_the_future")],
    ids=["before the last", "in the future"],
)
def test_a_run_on_the_wrong_day_is_refused(world: World, day: date, reason: str) -> None:
    run(world)
    before = dump(world)
    with pytest.raises(RunRefused) as refused:
        runs.open_run(world, day)
    assert (refused.value.reason, dump(world)) == (reason, before)


async def test_a_late_run_takes_one_step_and_skips_none(world: World) -> None:
    add_invoice(world, due_on=MONDAY - timedelta(200))
    await run_day(world, MONDAY)
    await run_day(world, MONDAY + timedelta(1))
    assert claim(world).claim.level == 1
    assert claim(world).dunnable_from == date(2026, 3, 17)  # to pay by the 12th, and three bank days


async def test_a_dry_run_says_the_same_and_writes_nothing(world: World) -> None:
    add_invoice(world, "RE-1", due_on=DUE_ON)
    add_invoice(world, "RE-2", due_on=DUE_ON)
    desk.hold_claim(world, "RE-2", HoldKind.DISPUTE, MAREN, MONDAY)
    know_payments(world, MONDAY)
    before = dump(world)
    dry = runs.plan(world, MONDAY, run_id=None)
    assert dump(world) == before
    assert (dry.run_id, dry.effect_ids) == (None, ())
    assert answers(dry) == answers(run(world)) == {"RE-1": "send_notice:1", "RE-2": "blocked:dispute"}


def test_a_dry_run_may_look_into_the_future(world: World) -> None:
    add_invoice(world, due_on=DUE_ON + timedelta(1))
    know_payments(world, MONDAY)
    assert answers(runs.plan(world, MONDAY + timedelta(1), run_id=None)) == {"RE-1": "send_notice:1"}
    assert answers(runs.plan(world, MONDAY + timedelta(2), run_id=None)) == {"RE-1": "blocked:bank_data_stale"}


def test_decisions_are_written_where_the_answer_changed_or_acted(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    desk.hold_claim(world, "RE-1", HoldKind.DISPUTE, MAREN, MONDAY, MONDAY + timedelta(3))
    days = [MONDAY + timedelta(n) for n in range(5)]
    for day in days[:2]:
        run(world, day)
    desk.hold_claim(world, "RE-1", HoldKind.MANUAL, MAREN, days[2], days[3])
    for day in days[2:]:
        run(world, day)
    assert decisions(world) == [
        (days[0], "blocked", ["dispute"]),
        (days[2], "blocked", ["dispute", "manual"]),
        (days[4], "send_notice", []),
    ]
    assert claim(world).answer == "send_notice:1"


def test_stale_bank_data_block_every_step(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    know_payments(world, MONDAY - timedelta(4))  # Thursday; Friday is the last bank day before Monday
    run_id = runs.open_run(world, MONDAY)
    assert answers(runs.plan(world, MONDAY, run_id=run_id)) == {"RE-1": "blocked:bank_data_stale"}
    know_payments(world, MONDAY - timedelta(3))
    assert answers(runs.plan(world, MONDAY, run_id=run_id)) == {"RE-1": "send_notice:1"}


def test_a_notice_that_cannot_be_written_stops_its_claim_and_no_other(world: World) -> None:
    add_customer(world, "K-2", email="Jürgen Groß <nowhere>")
    add_invoice(world, "RE-1", due_on=DUE_ON, customer="K-2")
    add_invoice(world, "RE-2", due_on=DUE_ON)
    add_invoice(world, "RE-\u202e3", due_on=DUE_ON)
    assert answers(run(world)) == {
        "RE-1": "blocked:address_missing", "RE-2": "send_notice:1", "RE-\u202e3": "blocked:notice_faulty",
    }  # fmt: skip
    assert decisions(world) == [(MONDAY, "blocked", ["address_missing"])]
    assert claim(world).claim.state is State.OPEN


def test_counts_add_up(world: World) -> None:
    for number in range(1, 7):
        add_invoice(world, f"RE-{number}", due_on=DUE_ON)
    desk.hold_claim(world, "RE-1", HoldKind.DISPUTE, MAREN, MONDAY)
    plan = run(guarded(world, notices_a_day=3))
    row = stored_run(world)
    assert plan.counts == row.answers == {"send_notice": 3, "blocked": 3}
    assert sum(row.answers.values()) == row.looked_at == len(plan.answers) == 6


def test_only_some_invoices(world: World) -> None:
    for number in ("RE-1", "RE-2", "RE-3"):
        add_invoice(world, number, due_on=DUE_ON)
    add_invoice(world, "RE-4", due_on=MONDAY)
    plan = run(world, only=["RE-4", "RE-2"])
    assert answers(plan) == {"RE-2": "send_notice:1", "RE-4": "wait:2026-03-07"}
    assert [claim(world, number).claim.state for number in ("RE-1", "RE-2")] == [State.OPEN, State.NOTICE_UNDER_WAY]


def test_a_step_by_hand_needs_a_person_and_leaves_their_name(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    know_payments(world, MONDAY)
    before = dump(world)
    assert answers(plan_invoices(world, ["RE-1"], MONDAY, None, dry_run=True)) == {"RE-1": "send_notice:1"}
    for invoices, act, reason in ((["RE-1"], None, "person_missing"), (["RE-1", "RE-9"], MAREN, "unknown_invoice")):
        with pytest.raises(RunRefused) as refused:
            plan_invoices(world, invoices, MONDAY, act)
        assert refused.value.reason == reason
    assert dump(world) == before
    assert answers(plan_invoices(world, ["RE-1"], MONDAY, MAREN)) == {"RE-1": "send_notice:1"}
    with world.store.read() as session:
        act_ = session.exec(select(AuditRow).where(AuditRow.event == "step_by_hand")).one()
    assert (act_.actor, act_.subject, act_.reason) == ("Maren", "claim RE-1", "asked for it")


def test_new_house_rules_move_the_days(world: World) -> None:
    add_invoice(world, "RE-1", due_on=MONDAY)
    add_invoice(world, "RE-2", due_on=MONDAY)
    pay(world, "RE-2", 10_000, MONDAY)
    assert runs.follow_new_policy(world) == 0
    before = claim(world)
    procedures = {
        key: replace(old, levels=(replace(old.levels[0], timing=replace(old.levels[0].timing, after_due_days=9)),))
        for key, old in world.policy.procedures.items()
    }
    strict = replace(world, policy=replace(world.policy, procedures=procedures, version="new"))
    assert runs.follow_new_policy(strict) == 1
    now = claim(world)
    assert (before.dunnable_from, now.dunnable_from) == (date(2026, 3, 7), date(2026, 3, 11))
    assert (now.version, now.policy_version) == (before.version, "new")
    assert runs.follow_new_policy(strict) == 0


def test_five_thousand_claims(world: World) -> None:
    """Half of them due: the run reads those only, each once, and is done while one waits for it."""
    if world.store.is_postgres:
        pytest.skip("the size is tried on SQLite; the same statements run on PostgreSQL above")
    add_invoice(world, "RE-0", due_on=DUE_ON)
    add_invoice(world, "RE-1", due_on=MONDAY + timedelta(30))
    _copy_claims(world, 2_500)
    started = time.monotonic()
    plan = run(world)
    assert time.monotonic() - started < 60
    assert (len(plan.answers), plan.counts, len(set(plan.effect_ids))) == (2_500, {"send_notice": 2_500}, 2_500)
    with world.store.read() as session:
        assert len(session.exec(select(EffectRow.id)).all()) == 2_500
    assert run(world).answers == ()


def _copy_claims(world: World, count: int) -> None:
    """Make so many of each of the claims that are there, the originals included."""
    with world.store.write() as session:
        for table in (InvoiceRow, ClaimRow, LedgerEntryRow):
            rows = [row.model_dump() for row in session.exec(select(table).order_by(col(table.id)))]
            copies = [_copy(row, len(rows) * turn) for turn in range(1, count) for row in rows]
            session.connection().execute(insert(table), copies)


def _copy(row: dict[str, Any], shift: int) -> dict[str, Any]:
    """The row of another claim: its ids are moved, what must be the only one of its kind gets another end."""
    ids = {name: row[name] + shift for name in ("id", "invoice_id", "claim_id") if name in row}
    names = {name: f"{row[name]}-{shift}" for name in ("number", "fingerprint") if name in row}
    return row | ids | names
