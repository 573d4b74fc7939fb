"""Do what was recorded: lease, last look, one call, mark. Two small commits a message, nothing retried blindly.

Whatever kills the process, the row tells where it was: `claimed` was never tried, `sending` may have happened.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from dunning.decision import is_fresh
from dunning.effects import EffectKind, EffectStatus
from dunning.errors import EffectForbidden
from dunning.reasons import Reason
from tasks.outbox import consequences, effects
from tasks.outbox.calls import call, deadline, look_up
from tasks.outbox.outcome import Forbidden, NotSent, Outcome, Refused, Sent, Uncertain
from tasks.store import facts
from tasks.store.facts import CHUNK
from tasks.store.tables import ClaimRow, EffectRow
from tasks.world import World

BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30))
"""Wait after the first, second, ... try that certainly did nothing; the last one repeats."""
WAVES = 2
"""Effects leased at a time, for each call in flight: however slow, the last of them begins within the lease."""
MARK_AGAIN_SECONDS = (0.5, 2.0, 8.0)
"""Waits before an outcome is written down again where the database was locked: what was sent must not be forgotten."""
SETTLES_AFTER = timedelta(minutes=10)
"""How long after a try the other side may still be taking it, whatever it says meanwhile."""
PATIENCE_SECONDS = 40.0
"""How long one dispatch waits altogether for effects that back off, before it leaves them to the next run."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far an effect came."""

    effect_id: str
    number: str
    kind: EffectKind
    level: int
    status: EffectStatus
    reason: str = ""


async def dispatch(
    world: World, effect_ids: Sequence[str], as_of: date, *, in_flight: int = 4, worker: str | None = None
) -> list[Delivery]:
    """Bring these effects as far as they go today. EffectForbidden where our credentials are refused."""
    worker = worker or f"worker-{uuid4()}"
    waited = 0.0
    while True:
        for batch in _chunks(effect_ids, WAVES * in_flight):
            with world.store.write() as session:
                taken = effects.lease(session, batch, worker, world.clock.now())
            await _all(world, taken, worker, as_of, in_flight)
        pause = _pause(world, effect_ids)
        if pause is None or waited + pause > PATIENCE_SECONDS:
            return deliveries(world, effect_ids)
        await world.clock.sleep(pause)
        waited += pause


async def _all(world: World, taken: Sequence[str], worker: str, as_of: date, in_flight: int) -> None:
    """Deliver the leased effects, some at a time. After an error no further one begins, and those never tried go back.

    Calls under way come to their end: broken off, each would be uncertain and need a person.
    """
    queue, errors = deque(taken), list[Exception]()

    async def deliver_next() -> None:
        while queue and not errors:
            try:
                await deliver(world, queue.popleft(), worker, as_of)
            except Exception as error:  # raised below, once the others have ended
                errors.append(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(in_flight, len(taken))):
            group.create_task(deliver_next())
    if errors:
        give_back(world, queue, worker)
        raise errors[0]


async def deliver(world: World, effect_id: str, worker: str, as_of: date) -> None:
    """Last look, call, mark: one leased effect. A try whose fate was open is looked up before anything else."""
    if not await _settled_before(world, effect_id, worker):
        return
    by = deadline(world)  # before the lease begins: whoever sleeps through the lease sends nothing on waking
    if (row := last_look(world, effect_id, worker, as_of)) is None:
        return
    outcome = await call(world, row, by)
    status = await _mark_surely(world, effect_id, worker, outcome)
    if isinstance(outcome, Forbidden):
        reason = f"the provider refused our credentials ({outcome.reason})"
        world.breaker.stop(EffectForbidden(reason, "check its key in the environment, then run again"))
    if status is not None:
        world.breaker.note(status)


async def _settled_before(world: World, effect_id: str, worker: str) -> bool:
    """False where an earlier try turns out to have succeeded, and is marked so, or cannot be asked about now."""
    with world.store.read() as session:
        row = session.get(EffectRow, effect_id)
    if row is None or row.kind != EffectKind.AGENCY_CASE or row.attempted_at is None:
        return True
    found = await look_up(world, row)
    if isinstance(found, Sent):
        with world.store.write() as session:
            if (held := effects.held(session, effect_id, worker, EffectStatus.CLAIMED)) is not None:
                effects.move(held, EffectStatus.SENDING)
        mark(world, effect_id, worker, found)
    if found is None:
        give_back(world, [effect_id], worker)
    return isinstance(found, NotSent)


def last_look(world: World, effect_id: str, worker: str, as_of: date) -> EffectRow | None:
    """claimed -> sending where the frozen facts still hold, committed before the call; else the effect is cancelled."""
    now = world.clock.now()
    with world.store.write() as session:
        row = effects.held(session, effect_id, worker, EffectStatus.CLAIMED)
        if row is None or row.lease_until is None or row.lease_until <= now:
            return None
        if reason := _objection(session, facts.load_locked(session, [row.claim_id])[0], row, world, as_of):
            if row.attempted_at is not None and now - row.attempted_at < SETTLES_AFTER:
                effects.move(row, EffectStatus.READY)  # an earlier try may yet show up: no cancelling before
                row.not_before = row.attempted_at + SETTLES_AFTER
                return None
            effects.move(row, EffectStatus.CANCELLED)
            consequences.dropped(session, row, world.policy, "last look", reason, now)
            return None
        effects.move(row, EffectStatus.SENDING)
        row.attempted_at, row.lease_until = now, now + effects.LEASE
        effects.note_attempt(session, row, "started", now)
    return row


def _objection(session: Session, found: facts.ClaimFacts, row: EffectRow, world: World, as_of: date) -> str:
    """Why the effect must not leave any more; empty: it may."""
    if row.kind == EffectKind.AGENCY_PAYMENT:
        return ""  # the agency must learn of every payment, whatever else changed
    if row.expires_at is not None and (row.expires_at <= world.clock.now() or row.business_date != as_of):
        return "expired"
    if found.version != row.claim_version or found.claim.open_cents != row.amount_cents:
        return "claim_changed"
    if holds := found.claim.holds_on(as_of):
        return f"hold:{holds[0]}"
    if row.kind == EffectKind.NOTICE_MAIL and world.settings.creditor.iban not in row.payload.replace(" ", ""):
        return "iban_changed"
    procedure = world.policy.procedure_for(found.claim)
    if procedure is not None and not is_fresh(procedure, as_of, facts.bank_data_until(session)):
        return Reason.BANK_DATA_STALE
    return ""


def mark(world: World, effect_id: str, worker: str, outcome: Outcome) -> EffectStatus | None:
    """Write down what became of the call; None, and nothing done, where somebody else resolved the effect meanwhile."""
    now = world.clock.now()
    with world.store.write() as session:
        if (row := effects.held(session, effect_id, worker, EffectStatus.SENDING)) is None:
            return None
        effects.note_attempt(session, row, _word(outcome), now, _reason(outcome), outcome.http_status)
        match outcome:
            case Sent(provider_id=provider_id):
                effects.move(row, EffectStatus.SENT)
                row.provider_id, row.evidence = provider_id, "answer"
                consequences.sent(session, row, world.policy, "outbox", now)
            case NotSent(reason=reason, retry_after_seconds=seconds):
                effects.move(row, EffectStatus.READY)
                wait = BACK_OFF[min(row.attempts, len(BACK_OFF)) - 1]
                row.not_before = now + (timedelta(seconds=seconds) if seconds is not None else wait)
                row.last_error, row.attempted_at = reason, None
            case Forbidden(reason=reason):
                effects.move(row, EffectStatus.READY)
                row.last_error, row.attempted_at = reason, None
            case Refused(reason=reason):
                effects.move(row, EffectStatus.FAILED)
                consequences.refused(session, row, world.policy, "outbox", reason, now)
            case Uncertain(reason=reason):
                effects.move(row, EffectStatus.UNCERTAIN)
                row.last_error = reason
        return EffectStatus(row.status)


async def _mark_surely(world: World, effect_id: str, worker: str, outcome: Outcome) -> EffectStatus | None:
    """Mark, again where the database is locked or broke a deadlock."""
    for seconds in MARK_AGAIN_SECONDS:
        try:
            return mark(world, effect_id, worker, outcome)
        except OperationalError:
            await world.clock.sleep(seconds)
    return mark(world, effect_id, worker, outcome)


def give_back(world: World, effect_ids: Sequence[str], worker: str) -> None:
    """Leased effects that were never tried go back to ready at once."""
    with world.store.write() as session:
        for effect_id in effect_ids:
            if (row := effects.held(session, effect_id, worker, EffectStatus.CLAIMED)) is not None:
                effects.move(row, EffectStatus.READY)


def deliveries(world: World, effect_ids: Sequence[str]) -> list[Delivery]:
    """How far these effects are, in their order."""
    found: dict[str, Delivery] = {}
    with world.store.read() as session:
        for chunk in _chunks(effect_ids):
            rows = session.exec(
                select(EffectRow, ClaimRow.number)
                .join(ClaimRow, col(ClaimRow.id) == EffectRow.claim_id)
                .where(col(EffectRow.id).in_(chunk))
            )
            for row, number in rows:
                kind, status = EffectKind(row.kind), EffectStatus(row.status)
                found[row.id] = Delivery(row.id, number, kind, row.level, status, row.last_error)
    return [found[effect_id] for effect_id in effect_ids if effect_id in found]


def _pause(world: World, effect_ids: Sequence[str]) -> float | None:
    """Seconds until the first of these effects that back off may be tried again; None where none does."""
    now = world.clock.now()
    with world.store.read() as session:
        times = [
            not_before
            for chunk in _chunks(effect_ids)
            for not_before in session.exec(
                select(EffectRow.not_before).where(col(EffectRow.id).in_(chunk), EffectRow.status == EffectStatus.READY)
            )
            if not_before is not None
        ]
    return max((min(times) - now).total_seconds(), 0.1) if times else None


def _chunks(effect_ids: Sequence[str], size: int = CHUNK) -> Iterator[Sequence[str]]:
    for start in range(0, len(effect_ids), size):
        yield effect_ids[start : start + size]


def _word(outcome: Outcome) -> str:
    words = {
        Sent: "sent",
        NotSent: "not_sent",
        Refused: "refused",
        Forbidden: "forbidden",
        Uncertain: "uncertain",
    }
    return words[type(outcome)]


def _reason(outcome: Outcome) -> str:
    return "" if isinstance(outcome, Sent) else outcome.reason
