"""What keeps a run in bounds: caps, the circuit breaker that a person overrules, and groups of notices."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from dunning.default import Agreement
from dunning.errors import RunRefused
from dunning.lifecycle import State
from tasks.ladder import runs
from tasks.ladder.runs import ListApproval
from tasks.outbox.groups import effects_between, groups_for, groups_of, ready_notices
from tasks.store.tables import AuditRow
from tasks.world import World
from tests.support.ladder import DUE_ON, answers, climb, decide, guarded, run, stored_run
from tests.support.world import MONDAY, add_customer, add_invoice, claim, effects_of, know_payments, pay, run_day


def test_the_cap_lets_the_oldest_through_and_leaves_the_rest_for_tomorrow(world: World) -> None:
    for number, age in (("RE-1", 0), ("RE-2", 14), ("RE-3", 7)):
        add_invoice(world, number, due_on=DUE_ON - timedelta(age))
    capped = guarded(world, notices_a_day=2)
    assert answers(run(capped)) == {
        "RE-2": "send_notice:1", "RE-3": "send_notice:1", "RE-1": "blocked:daily_cap",
    }  # fmt: skip
    assert answers(run(capped)) == {"RE-1": "blocked:daily_cap"}
    assert answers(run(capped, MONDAY + timedelta(1))) == {"RE-1": "send_notice:1"}


async def test_the_cap_of_hand_overs(world: World) -> None:
    for number in ("RE-1", "RE-2", "RE-3"):
        add_invoice(world, number, due_on=DUE_ON)
    capped = guarded(world, hand_overs_a_day=1)
    day = await climb(capped)
    states = [claim(world, number).claim.state for number in ("RE-1", "RE-2", "RE-3")]
    assert states == [State.HAND_OVER_PROPOSED, State.OPEN, State.OPEN]
    assert stored_run(world, day).hand_overs == 1
    assert answers(run(capped, day)) == dict.fromkeys(("RE-2", "RE-3"), "blocked:daily_cap")


@pytest.fixture
def unusual(world: World) -> World:
    """Five days of one notice each, then a Monday with four."""
    world = guarded(world, free_notices=2, factor=3, history_minimum=5)
    for turn in range(5):
        day = MONDAY - timedelta(7 - turn)
        add_invoice(world, f"A-{turn}", due_on=day - timedelta(20))
        assert len(run(world, day).effect_ids) == 1
    for number in range(1, 5):
        add_invoice(world, f"RE-{number}", due_on=DUE_ON)
    return world


async def test_what_the_day_demanded_before_counts_with_its_costs_and_interest(world: World) -> None:
    """140.96 EUR with lump sum and interest in the first pass of the day, 100.00 in the second."""
    world = guarded(world, free_notices=1, factor=2, history_minimum=2)
    add_customer(world, kind="business")
    add_invoice(world, "RE-1", due_on=DUE_ON, agreed=Agreement.DATE)
    final = date(2026, 4, 1)
    for day in (MONDAY, date(2026, 3, 17), final):
        await run_day(world, day)
    assert stored_run(world, final).cents == 14_096
    add_invoice(world, "RE-2", due_on=DUE_ON)
    assert run(world, final).held_because == ("240 EUR demanded where 100 EUR are usual",)


def test_it_holds_the_whole_list(unusual: World) -> None:
    plan = run(unusual)
    assert plan.held_because == ("4 notices where 1 are usual", "400 EUR demanded where 100 EUR are usual")
    assert answers(plan) == dict.fromkeys(("RE-1", "RE-2", "RE-3", "RE-4"), "blocked:run_not_approved")
    assert (plan.effect_ids, effects_of(unusual, "RE-1")) == ((), [])
    row = stored_run(unusual)
    assert (row.held_because, row.list_sha256, row.notices) == (list(plan.held_because), plan.list_sha256, 0)


def test_a_dry_run_shows_that_it_would(unusual: World) -> None:
    know_payments(unusual, MONDAY)
    dry = runs.plan(unusual, MONDAY, run_id=None)
    assert (len(dry.held_because), dry.list_sha256) == (2, run(unusual).list_sha256)


def test_a_person_lets_exactly_this_list_go(unusual: World) -> None:
    held = run(unusual)
    plan = run(unusual, approval=ListApproval(held.list_sha256, "Maren", "autumn sale"))
    assert (len(plan.effect_ids), plan.held_because) == (4, ())
    row = stored_run(unusual)
    assert (row.approved_by, row.approval_reason, row.list_sha256) == ("Maren", "autumn sale", held.list_sha256)
    assert (row.held_because, row.notices) == ([], 4)
    with unusual.store.read() as session:
        act = session.exec(select(AuditRow).where(AuditRow.event == "run_approved")).one()
    assert (act.actor, act.subject, act.reason) == ("Maren", "run 2026-03-02", "autumn sale")


@pytest.mark.parametrize("change", ["amount", "one more", "one less"])
def test_another_list_needs_another_approval(unusual: World, change: str) -> None:
    held = run(unusual)
    if change == "amount":
        pay(unusual, "RE-1", 1, MONDAY)
    elif change == "one more":
        add_invoice(unusual, "RE-5", due_on=DUE_ON)
    else:
        add_invoice(unusual, "RE-5", due_on=DUE_ON)
        pay(unusual, "RE-1", 10_000, MONDAY)
    with pytest.raises(RunRefused) as refused:
        run(unusual, approval=ListApproval(held.list_sha256, "Maren", "autumn sale"))
    assert (refused.value.reason, effects_of(unusual, "RE-2")) == ("list_changed", [])


def test_nothing_to_approve(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    with pytest.raises(RunRefused) as refused:
        run(world, approval=ListApproval("0" * 64, "Maren", "eager"))
    assert (refused.value.reason, effects_of(world)) == ("nothing_to_approve", [])


def test_many_small_passes_trip_it_like_a_large_one(unusual: World) -> None:
    assert len(run(unusual, only=["RE-1", "RE-2"]).effect_ids) == 2
    plan = run(unusual)
    assert plan.held_because[0] == "4 notices where 1 are usual"
    assert set(answers(plan)) == {"RE-3", "RE-4"}


def test_few_go_one_by_one_by_name(world: World) -> None:
    for number in ("RE-1", "RE-2"):
        add_invoice(world, number, due_on=DUE_ON)
    ids = decide(world)
    groups = groups_of(world, ids, MONDAY, 50)
    assert sorted(each.title for each in groups) == ["RE-1 · payment reminder", "RE-2 · payment reminder"]
    assert [(each.first, each.last) for each in groups] == [(each, each) for each in ids]
    assert {each.tags for each in groups} == {("invoice:RE-1", "level:1"), ("invoice:RE-2", "level:1")}
    assert [each.title for each in groups_for(world, MONDAY, ["RE-2"])] == ["RE-2 · payment reminder"]


def test_many_go_in_groups_that_cover_each_once(world: World) -> None:
    for number in range(5):
        add_invoice(world, f"RE-{number}", due_on=DUE_ON)
    ids = decide(world)
    groups = groups_of(guarded(world, individual_runs=4), ids, MONDAY, 2)
    assert [each.title for each in groups] == [
        f"2026-03-02 · group {n} of 3 · {size} notices" for n, size in ((1, 2), (2, 2), (3, 1))
    ]
    covered = [list(effects_between(world, MONDAY, each.first, each.last)) for each in groups]
    assert covered == [ids[:2], ids[2:4], ids[4:]]
    assert ready_notices(world, MONDAY + timedelta(1)) == []
    assert groups_of(world, [], MONDAY, 2) == []
