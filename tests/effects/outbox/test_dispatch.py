"""Whatever a call brings, the row says what is known; nothing leaves twice, and nothing on yesterday's facts."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from dunning.claim import SentNotice
from dunning.default import Agreement
from dunning.effects import EffectKind
from dunning.errors import EffectForbidden, EffectUnavailable, RuleViolation
from dunning.ledger import LineKind
from dunning.lifecycle import State
from dunning.notice import Template
from dunning.reasons import HoldKind, Reason
from tasks import desk
from tasks.outbox import effects
from tasks.outbox.dispatch import PATIENCE_SECONDS, dispatch, last_look, mark
from tasks.outbox.error_breaker import ErrorBreaker
from tasks.outbox.frozen import sha256_of
from tasks.outbox.outcome import Forbidden, NotSent, Outcome, Refused, Sent, Uncertain
from tasks.outbox.recovery import resolve_by_person
from tasks.store.tables import EffectRow
from tasks.world import World
from tests.effects.render.examples import lindgruen
from tests.support.ladder import DUE_ON, attempts, decide, effect, lease, mailer_of, reminders, statuses, wait
from tests.support.world import (
    MONDAY,
    FakeMailer,
    add_invoice,
    book,
    claim,
    costs_of,
    effects_of,
    pay,
    settings_in,
)

TUESDAY = MONDAY + timedelta(1)
UNCERTAIN, NOT_SENT = Uncertain("read_timeout"), NotSent("connect_failed")


def test_what_was_decided_is_frozen(world: World) -> None:
    (name,) = reminders(world, 1)
    row = effect(world, name)
    assert (row.status, row.kind, row.level, row.occurrence) == ("ready", "notice_mail", 1, 0)
    assert (row.amount_cents, row.fee_cents, row.business_date) == (10_000, 0, MONDAY)
    assert (row.payload_sha256, row.claim_version) == (sha256_of(row.payload), claim(world).version)
    assert (row.decided_at, row.expires_at) == (world.clock.now(), world.clock.now() + timedelta(hours=20))
    assert claim(world).claim.state is State.NOTICE_UNDER_WAY
    assert claim(world).claim.effect_block is Reason.STEP_UNDER_WAY


OUTCOMES: list[tuple[Outcome, str, str, State, int, Reason | None]] = [
    (Sent("m-1", 202), "sent", "", State.OPEN, 1, None),
    (UNCERTAIN, "uncertain", "read_timeout", State.NOTICE_UNDER_WAY, 0, Reason.UNCERTAIN_EFFECT),
    (Refused("http_400", 400), "failed", "http_400", State.NOTICE_UNDER_WAY, 0, Reason.REFUSED_EFFECT),
    (NotSent("throttled", 3_600, 429), "ready", "throttled", State.NOTICE_UNDER_WAY, 0, Reason.STEP_UNDER_WAY),
]


@pytest.mark.parametrize(
    ("outcome", "status", "error", "state", "level", "block"),
    OUTCOMES,
    ids=[type(row[0]).__name__ for row in OUTCOMES],
)
async def test_each_outcome_leaves_its_mark(
    world: World, outcome: Outcome, status: str, error: str, state: State, level: int, block: Reason | None
) -> None:
    (name,) = reminders(world, 1)
    mailer_of(world).script.append(outcome)
    (said,) = await dispatch(world, [name], MONDAY)
    assert (said.number, said.kind, said.level, said.status, said.reason) == (
        "RE-1", EffectKind.NOTICE_MAIL, 1, status, error,
    )  # fmt: skip
    row = effect(world, name)
    tried_at = None if isinstance(outcome, NotSent | Forbidden) else world.clock.now()
    assert (row.attempts, row.attempted_at, row.lease_until) == (1, tried_at, None)
    word = "not_sent" if isinstance(outcome, NotSent) else status if status != "failed" else "refused"
    assert attempts(world, name) == [(1, "started", "", None), (1, word, error, outcome.http_status)]
    found = claim(world).claim
    assert (found.state, found.level, found.effect_block) == (state, level, block)
    if level:
        assert (row.provider_id, row.evidence) == ("m-1", "answer")
        assert found.last_notice == SentNotice(1, MONDAY, row.pay_until, Template.REMINDER)


async def test_only_what_is_ready_is_tried(world: World) -> None:
    ids = reminders(world, 2)
    await dispatch(world, ids, MONDAY)
    await dispatch(world, [*ids, "no-such-effect"], MONDAY)
    assert sorted(mailer_of(world).tried) == sorted(ids)


async def test_what_certainly_did_nothing_is_tried_again_after_a_while(world: World) -> None:
    (name,) = reminders(world, 1)
    started = world.clock.now()
    mailer_of(world).script.extend([NOT_SENT, NotSent("throttled", 7, 429), Sent("m", 202)])
    await dispatch(world, [name], MONDAY)
    assert world.clock.now() - started == timedelta(seconds=5 + 7)
    assert [row[:2] for row in attempts(world, name)] == [
        (1, "started"), (1, "not_sent"), (2, "started"), (2, "not_sent"), (3, "started"), (3, "sent"),
    ]  # fmt: skip


@pytest.mark.parametrize(("tries", "seconds"), [(1, 5), (2, 30), (3, 300), (4, 1_800), (7, 1_800)], ids=str)
async def test_the_back_off_grows(world: World, tries: int, seconds: int) -> None:
    (name,) = reminders(world, 1)
    for turn in range(tries):
        assert lease(world, [name], f"w-{turn}") == [name]
        assert last_look(world, name, f"w-{turn}", MONDAY) is not None
        assert mark(world, name, f"w-{turn}", NOT_SENT) == "ready"
        not_before = effect(world, name).not_before
        assert not_before is not None
        waited = not_before - world.clock.now()
        assert lease(world, [name]) == []
        wait(world, waited)
    assert waited == timedelta(seconds=seconds)


async def test_a_dispatch_does_not_wait_for_ever(world: World) -> None:
    (name,) = reminders(world, 1)
    started = world.clock.now()
    mailer_of(world).script.extend([NOT_SENT] * 9)
    (said,) = await dispatch(world, [name], MONDAY)
    assert (said.status, len(mailer_of(world).tried)) == ("ready", 3)
    assert (world.clock.now() - started).total_seconds() <= PATIENCE_SECONDS


def _hold(world: World) -> None:
    desk.hold_claim(world, "RE-1", HoldKind.DISPUTE, desk.Act("Maren", "letter"), MONDAY)


LAST_LOOKS: list[tuple[str, Callable[[World], Any], str]] = [
    ("a part payment", lambda world: pay(world, "RE-1", 1, MONDAY), "claim_changed"),
    ("a full payment", lambda world: pay(world, "RE-1", 10_000, MONDAY), "claim_changed"),
    ("a bank fee", lambda world: book(world, "RE-1", LineKind.BANK_FEE, 1, MONDAY), "claim_changed"),
    ("a hold", _hold, "claim_changed"),
]


@pytest.mark.parametrize(("change", "reason"), [row[1:] for row in LAST_LOOKS], ids=[row[0] for row in LAST_LOOKS])
async def test_the_last_look_stops_what_is_not_true_any_more(
    world: World, change: Callable[[World], Any], reason: str
) -> None:
    reminders(world, 2)
    changed, other = (effects_of(world, number)[0].id for number in ("RE-1", "RE-2"))
    change(world)
    await dispatch(world, [changed, other], MONDAY)
    assert (effect(world, changed).status, effect(world, changed).last_error) == ("cancelled", reason)
    assert (mailer_of(world).tried, attempts(world, changed)) == ([other], [])
    found = claim(world).claim
    assert (found.state, found.level) == (State.SETTLED if found.open_cents <= 0 else State.OPEN, 0)


async def test_a_hold_that_begins_today_stops_a_notice_of_the_same_version(world: World) -> None:
    """Placed before the decision, for a later day: the version is the frozen one, and the hold counts all the same."""
    add_invoice(world, due_on=DUE_ON)
    desk.hold_claim(world, "RE-1", HoldKind.DISPUTE, desk.Act("Maren", "letter"), TUESDAY)
    (name,) = decide(world)
    with world.store.write() as session:
        session.exec(select(EffectRow)).one().business_date = TUESDAY
    await dispatch(world, [name], TUESDAY)
    assert (effect(world, name).status, effect(world, name).last_error) == ("cancelled", "hold:dispute")


async def test_another_account_of_ours_stops_every_notice_that_names_the_old_one(world: World) -> None:
    (name,) = reminders(world, 1)
    moved = replace(world, settings=settings_in(Path(), creditor=lindgruen(iban="DE02120300000000202051", bic="")))
    await dispatch(moved, [name], MONDAY)
    assert (effect(world, name).last_error, mailer_of(world).tried) == ("iban_changed", [])


@pytest.mark.parametrize(
    ("hours", "as_of", "leaves"),
    [(19.99, MONDAY, True), (20, MONDAY, False), (1, TUESDAY, False)],
    ids=["just in time", "too late", "another day"],
)
async def test_a_notice_expires(world: World, hours: float, as_of: date, leaves: bool) -> None:
    (name,) = reminders(world, 1)
    wait(world, timedelta(hours=hours))
    (said,) = await dispatch(world, [name], as_of)
    assert (said.status, said.reason) == (("sent", "") if leaves else ("cancelled", "expired"))


async def test_a_cancelled_notice_is_decided_anew_under_another_name(world: World) -> None:
    (first,) = reminders(world, 1)
    pay(world, "RE-1", 4_000, MONDAY)
    await dispatch(world, [first], MONDAY)
    (second,) = decide(world, TUESDAY)
    await dispatch(world, [second], TUESDAY)
    assert [(row.occurrence, row.status, row.amount_cents) for row in effects_of(world)] == [
        (0, "cancelled", 10_000), (1, "sent", 6_000),
    ]  # fmt: skip
    assert (first != second, claim(world).claim.level) == (True, 1)


async def test_a_payment_while_the_mail_is_in_flight_is_kept(world: World) -> None:
    (name,) = reminders(world, 1)
    mailer_of(world).before_send = lambda message: pay(world, "RE-1", 10_000, MONDAY)
    await dispatch(world, [name], MONDAY)
    found = claim(world).claim
    assert (found.state, found.level, found.open_cents, statuses(world, [name])) == (State.SETTLED, 1, 0, ["sent"])


async def test_refused_credentials_stop_the_run_and_free_what_was_not_tried(world: World) -> None:
    ids = reminders(world, 5)
    mailer_of(world).script.extend([Sent("m", 202), Forbidden("http_401", 401)])
    with pytest.raises(EffectForbidden, match="http_401"):
        await dispatch(world, ids, MONDAY, in_flight=1)
    assert statuses(world, ids) == ["sent", "ready", "ready", "ready", "ready"]
    assert [effect(world, each).lease_until for each in ids] == [None] * 5
    assert len(mailer_of(world).tried) == 2
    await dispatch(world, ids, MONDAY)
    assert set(statuses(world, ids)) == {"sent"}


@pytest.mark.parametrize(
    ("outcome", "limit"), [(UNCERTAIN, 2), (Refused("http_400", 400), 3)], ids=["uncertain", "refused"]
)
async def test_too_much_going_wrong_stops_the_run(world: World, outcome: Outcome, limit: int) -> None:
    world = replace(world, breaker=ErrorBreaker(refused_limit=3, uncertain_limit=2))
    ids = reminders(world, 6)
    mailer_of(world).script.extend([Sent("m", 202), *[outcome] * 5])
    with pytest.raises(EffectUnavailable, match=f"of the last {limit + 1} messages"):
        await dispatch(world, ids, MONDAY, in_flight=1)
    assert len(mailer_of(world).tried) == 1 + limit
    assert statuses(world, ids)[1 + limit :] == ["ready"] * (5 - limit)


class _Timed(FakeMailer):
    """Remembers until when each mail must be gone."""

    def __init__(self) -> None:
        super().__init__()
        self.deadlines: list[float | None] = []

    async def send(self, payload: str, *, by: float | None = None) -> Outcome:
        self.deadlines.append(by)
        return await super().send(payload, by=by)


async def test_a_call_ends_within_its_lease(world: World) -> None:
    mailer = _Timed()
    before = world.clock.monotonic()
    await dispatch(replace(world, mailer=mailer), reminders(world, 1), MONDAY)
    (by,) = mailer.deadlines
    assert by is not None
    assert before < by < before + effects.LEASE.total_seconds()


class _Counting(FakeMailer):
    """Counts how many mails are under way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way = self.most = 0

    async def send(self, payload: str, *, by: float | None = None) -> Outcome:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        return await super().send(payload, by=by)


async def test_several_in_flight_and_each_once(world: World) -> None:
    mailer = _Counting()
    ids = reminders(world, 9)
    await dispatch(replace(world, mailer=mailer), ids, MONDAY, in_flight=3)
    assert (mailer.most, sorted(mailer.tried)) == (3, sorted(ids))


async def test_two_dispatches_at_once_share_the_work(world: World) -> None:
    ids = reminders(world, 6)
    await asyncio.gather(dispatch(world, ids, MONDAY), dispatch(world, ids[::-1], MONDAY))
    assert sorted(mailer_of(world).tried) == sorted(ids)


async def test_an_exception_in_a_call_leaves_the_effect_to_the_reaper(world: World) -> None:
    first, second = reminders(world, 2)
    mailer_of(world).script.append(RuleViolation("our own bug"))
    with pytest.raises(RuleViolation, match="our own bug"):
        await dispatch(world, [first, second], MONDAY, in_flight=1)
    assert statuses(world, [first, second]) == ["sending", "ready"]


def _charge(world: World) -> None:
    """Let the one effect there is charge a letter of 2.50, and what that leaves of the lump sum."""
    with world.store.write() as session:
        row = session.exec(select(EffectRow)).one()
        row.fee_cents, row.lump_sum_cents = 250, 3_750
        row.cost = {"provider": "Briefdienst", "postage_cents": 200, "print_cents": 50}


@pytest.mark.parametrize(
    ("was_sent", "agreed"),
    [(True, Agreement.DATE), (False, Agreement.DATE), (True, Agreement.NONE)],
    ids=["sent", "never sent", "sent without default"],
)
async def test_costs_are_booked_when_the_notice_is_sent_and_only_then(
    world: World, was_sent: bool, agreed: Agreement
) -> None:
    add_invoice(world, due_on=DUE_ON, agreed=agreed)
    (name,) = decide(world)
    _charge(world)
    mailer_of(world).script.append(UNCERTAIN)
    await dispatch(world, [name], MONDAY)
    assert (claim(world).claim.open_cents, costs_of(world)) == (10_000, [])
    resolve_by_person(world, name, was_sent=was_sent, person="Maren", reason="asked")
    lines = [(line.kind, line.cents, line.on, line.note) for line in claim(world).claim.lines][1:]
    if not was_sent or agreed is Agreement.NONE:
        assert (lines, costs_of(world)) == ([], [])
        return
    assert lines == [(LineKind.FEE, 250, MONDAY, "Briefdienst"), (LineKind.LUMP_SUM, 3_750, MONDAY, "")]
    assert (claim(world).claim.open_cents, claim(world).claim.open_principal_cents) == (14_000, 10_000)
    ((fee, cost),) = costs_of(world)
    assert (fee.cents, cost.effect_id, cost.claim_id) == (250, name, claim(world).claim_id)
    assert (cost.provider, cost.postage_cents, cost.print_cents) == ("Briefdienst", 200, 50)
