"""Replay a scenario: its days one after the other, through the very functions of the real run."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from dunning.decision import Blocked, Nothing, SendNotice, Wait
from dunning.effects import EffectKind, EffectStatus
from dunning.errors import EffectUnavailable, RunRefused
from dunning.reasons import Reason
from tasks.clock import FixedClock
from tasks.hand_over.answers import Verdict, answer_list
from tasks.hand_over.lists import propose_list
from tasks.ladder import runs
from tasks.ladder.survey import Answer, answer_word, circumstances, due_claims, survey
from tasks.outbox import effects
from tasks.outbox.dispatch import deliveries, dispatch
from tasks.outbox.error_breaker import ErrorBreaker
from tasks.outbox.recovery import recover
from tasks.scenario.doubles import ReplayMailer, replay_world
from tasks.scenario.events import InvoiceIssued
from tasks.scenario.happening import PERSON, Happenings
from tasks.scenario.story import Action, Scenario
from tasks.store import facts
from tasks.world import World

YES = Verdict(approve=True, person=PERSON, reason="the scenario's approval")


@dataclass(frozen=True, slots=True)
class Answered:
    """What `decide` said of one invoice at a run, before the run acted."""

    day: date
    invoice: str
    decision: str
    level: int | None = None
    """Of `send_notice`."""
    reasons: tuple[Reason, ...] = ()
    until: date | None = None


@dataclass(slots=True)
class Replay:
    """What happened in a replay, in order."""

    actions: list[Action] = field(default_factory=list)
    decisions: list[Answered] = field(default_factory=list)
    """One for each known invoice at each run."""
    refused: str = ""
    """Why it ended early, as reason code; empty: it went to its end."""
    mails: list[str] = field(default_factory=list)
    """Payloads that the mail provider took."""


async def replay(scenario: Scenario) -> Replay:
    """Replay a scenario in a world of its own."""
    mailer = ReplayMailer()
    world = replay_world(scenario, mailer)
    done = Replay(mails=mailer.taken)
    coming = deque(scenario.dated_events)
    happenings = Happenings(world, scenario.scenario)
    invoices: list[str] = []
    try:
        for day in scenario.run_days:
            while coming and coming[0][1].day <= day:
                place, event = coming.popleft()
                _move_clock(world, event.day, hour=8)
                happenings.happen(place, event)
                if isinstance(event, InvoiceIssued):
                    invoices.append(event.invoice)
            _move_clock(world, day, hour=9)
            mailer.down = scenario.mail_is_down(day)
            await _run(world, day, invoices, done)
    except RunRefused as refused:
        done.refused = refused.reason
    finally:
        world.store.close()
    return done


async def _run(world: World, day: date, invoices: Sequence[str], done: Replay) -> None:
    """One day: run, notices, hand-overs, and payments reported to the agency."""
    run_id = runs.open_run(world, day)
    await recover(world, day)
    done.decisions += _decisions(world, day, invoices)
    runs.plan(world, day, run_id=run_id)
    done.actions += await _do(world, day, _waiting(world, EffectKind.NOTICE_MAIL, day))
    runs.close_run(world, run_id)
    if (asked := propose_list(world, day)) is not None and asked.ready:
        done.actions += await _do(world, day, answer_list(world, asked.list_id, YES, day))
    if payments := _waiting(world, EffectKind.AGENCY_PAYMENT):
        await dispatch(world, payments, day)


def _decisions(world: World, day: date, invoices: Sequence[str]) -> list[Answered]:
    """What is decided for every known invoice, whatever its day."""
    if not invoices:
        return []
    with world.store.read() as session:
        seen = circumstances(session, world.settings)
        answers = survey(session, due_claims(session, day, invoices), world.policy, day, seen)
    return [_answered(each, day) for each in sorted(answers, key=lambda each: invoices.index(each.number))]


def _answered(answer: Answer, day: date) -> Answered:
    word = answer_word(answer.decision)
    match answer.decision:
        case SendNotice(level=level):
            return Answered(day, answer.number, word, level=level)
        case Wait(until=until):
            return Answered(day, answer.number, word, until=until)
        case Blocked(reasons=reasons):
            return Answered(day, answer.number, word, reasons=reasons)
        case Nothing(reason=reason):
            return Answered(day, answer.number, word, reasons=(reason,))
    return Answered(day, answer.number, word)


def _waiting(world: World, kind: EffectKind, day: date | None = None) -> list[str]:
    with world.store.read() as session:
        return effects.waiting(session, [kind], day)


async def _do(world: World, day: date, effect_ids: Sequence[str]) -> list[Action]:
    """Bring effects outside, as a process of their own day; what left."""
    today = replace(world, breaker=ErrorBreaker())
    with suppress(EffectUnavailable):  # what a provider that is down leaves is decided anew
        await dispatch(today, effect_ids, day)
    actions = []
    for each in deliveries(world, effect_ids):
        if each.status is EffectStatus.SENT:
            level = each.level if each.kind is EffectKind.NOTICE_MAIL else None
            actions.append(Action(day, each.number, level, _open_cents(world, each.number)))
    return actions


def _open_cents(world: World, number: str) -> int:
    with world.store.read() as session:
        found = facts.by_number(session, number)
    assert found is not None
    return found.claim.open_principal_cents


def _move_clock(world: World, day: date, hour: int) -> None:
    """To that hour of that day; a clock that is further stays."""
    assert isinstance(world.clock, FixedClock)
    world.clock.move_to(max(world.clock.now(), FixedClock.on(day, hour).now()))
