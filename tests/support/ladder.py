"""The way up the ladder: a claim's notices one after the other, to the list that a person is asked about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, select

from dunning.effects import EffectKind
from dunning.guards import RunGuards
from dunning.lifecycle import State
from tasks.clock import FixedClock
from tasks.hand_over.answers import Verdict, answer_list
from tasks.hand_over.lists import HandOverList, propose_list
from tasks.ladder import runs
from tasks.outbox import effects
from tasks.store.tables import AttemptRow, DunningRunRow, EffectRow
from tasks.world import World
from tests.support.world import MONDAY, FakeMailer, add_invoice, claim, know_payments, move_to, run_day

DUE_ON = MONDAY - timedelta(5)
"""Due so long ago that the reminder leaves on `MONDAY`."""
YES = Verdict(approve=True, person="Maren", reason="looked at it")
NO = Verdict(approve=False, person="Maren", reason="customer is ill")


def mailer_of(world: World) -> FakeMailer:
    """The world's fake, to script and to look into."""
    assert isinstance(world.mailer, FakeMailer)
    return world.mailer


def guarded(world: World, **guards: Any) -> World:
    """The world with these guards of a run."""
    return replace(world, policy=replace(world.policy, guards=replace(RunGuards(), **guards)))


def housed(world: World, **rules: Any) -> World:
    """The world with these house rules in every procedure."""
    procedures = {key: replace(each, **rules) for key, each in world.policy.procedures.items()}
    return replace(world, policy=replace(world.policy, procedures=procedures))


def run(world: World, day: date = MONDAY, **how: Any) -> runs.Plan:
    """Decide and record one day without sending anything, with payments known; `how` as in `runs.plan`."""
    move_to(world, day)
    know_payments(world, day)
    return runs.plan(world, day, run_id=runs.open_run(world, day), **how)


def answers(plan: runs.Plan) -> dict[str, str]:
    """The answer in short for each invoice that was looked at, in their order."""
    return {each.number: each.text for each in plan.answers}


def stored_run(world: World, day: date = MONDAY) -> DunningRunRow:
    """What is noted of a day's run."""
    with world.store.read() as session:
        return session.exec(select(DunningRunRow).where(DunningRunRow.business_date == day)).one()


def decide(world: World, day: date = MONDAY) -> list[str]:
    """Decide and record the day's notices without sending them; returns their effect ids."""
    run(world, day)
    with world.store.read() as session:
        return effects.waiting(session, [EffectKind.NOTICE_MAIL], day)


async def climb(world: World, number: str = "RE-1") -> date:
    """Live until the claim's hand-over is proposed; returns that day. Others climb beside it."""
    day = MONDAY - timedelta(1)
    for _ in range(8):
        dunnable_from = claim(world, number).dunnable_from
        assert dunnable_from is not None
        day = max(dunnable_from, day + timedelta(1))
        await run_day(world, day)
        if claim(world, number).claim.state is State.HAND_OVER_PROPOSED:
            return day
    raise AssertionError("the ladder has no end")


async def proposed(world: World, numbers: Sequence[str] = ("RE-1",)) -> tuple[HandOverList, date]:
    """Claims of 100 EUR at the end of the ladder, and the list that asks about them."""
    for number in numbers:
        add_invoice(world, number, due_on=DUE_ON)
    day = await climb(world, numbers[0])
    asked = propose_list(world, day)
    assert asked is not None
    assert [each.number for each in asked.candidates] == sorted(numbers)
    return asked, day


async def approved(world: World, numbers: Sequence[str] = ("RE-1",)) -> tuple[list[str], date]:
    """Claims whose transfer is recorded and not yet tried: its effect ids, and the day."""
    asked, day = await proposed(world, numbers)
    return answer_list(world, asked.list_id, YES, day), day


def reminders(world: World, count: int) -> list[str]:
    """So many claims with a decided reminder each; returns the effect ids."""
    for number in range(1, count + 1):
        add_invoice(world, f"RE-{number}", due_on=DUE_ON)
    return decide(world)


def effect(world: World, effect_id: str) -> EffectRow:
    """An effect as it is stored now."""
    with world.store.read() as session:
        return session.exec(select(EffectRow).where(EffectRow.id == effect_id)).one()


def statuses(world: World, ids: Sequence[str]) -> list[str]:
    """The states of these effects, in their order."""
    return [effect(world, each).status for each in ids]


def attempts(world: World, effect_id: str) -> list[tuple[int, str, str, int | None]]:
    """Number, outcome, reason and HTTP status of each line of an effect's attempts."""
    with world.store.read() as session:
        rows = session.exec(select(AttemptRow).where(AttemptRow.effect_id == effect_id).order_by(col(AttemptRow.id)))
        return [(row.n, row.outcome, row.reason, row.http_status) for row in rows]


def lease(world: World, ids: Sequence[str], worker: str = "w") -> list[str]:
    """Give a worker those of the effects that it can have now."""
    with world.store.write() as session:
        return effects.lease(session, ids, worker, world.clock.now())


def wait(world: World, later: timedelta) -> None:
    """Move the world's clock on."""
    assert isinstance(world.clock, FixedClock)
    world.clock.advance(later)
