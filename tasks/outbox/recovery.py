"""What an earlier run left behind: leases of the dead, uncertain effects that can be looked up, notices out of date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from dunning.effects import EffectKind, EffectStatus
from dunning.errors import RunRefused
from tasks.outbox import consequences, effects
from tasks.outbox.calls import look_up
from tasks.outbox.outcome import NotSent, Sent
from tasks.store import audit
from tasks.store.tables import EffectRow
from tasks.world import World


@dataclass(frozen=True, slots=True)
class Recovered:
    """Counts of what was put in order."""

    freed: int = 0
    became_uncertain: int = 0
    proved_sent: int = 0
    proved_unsent: int = 0
    expired: int = 0


async def recover(world: World, as_of: date, *, alone_with: Sequence[EffectKind] = ()) -> Recovered:
    """Put in order what crashes and outages left; afterwards nothing old stands in the way of today's decisions.

    `alone_with`: kinds that nobody else can be sending, since the caller holds their lock; a dead worker's leases on
    them are freed at once. Others wait for the end of their lease.
    """
    now = world.clock.now()
    with world.store.write() as session:
        freed, became_uncertain = effects.reap(session, now)
        if alone_with:
            more_freed, more_uncertain = effects.reap(session, now + 2 * effects.LEASE, alone_with)
            freed, became_uncertain = freed + more_freed, became_uncertain + more_uncertain
    proved_sent, proved_unsent = await settle_by_look_up(world)
    return Recovered(freed, became_uncertain, proved_sent, proved_unsent, drop_stale(world, as_of))


async def settle_by_look_up(world: World) -> tuple[int, int]:
    """Ask the other side about every uncertain effect that it can be asked about; returns (sent, not sent)."""
    with world.store.read() as session:
        rows = session.exec(select(EffectRow).where(EffectRow.status == EffectStatus.UNCERTAIN)).all()
    proved_sent = proved_unsent = 0
    for row in rows:
        match await look_up(world, row):
            case Sent(provider_id=provider_id):
                proved_sent += _resolve(world, row.id, EffectStatus.SENT, "look-up", provider_id)
            case NotSent():
                proved_unsent += _resolve(world, row.id, EffectStatus.READY, "look-up", "")
    return proved_sent, proved_unsent


def drop_stale(world: World, as_of: date) -> int:
    """Cancel notices that did not leave on their day; their claims are decided anew with new dates. Returns how many.

    One transaction each: nobody waits long, and no two claims are held at once.
    """
    now = world.clock.now()
    with world.store.read() as session:
        ids = effects.stale(session, as_of, now)
    dropped = 0
    for effect_id in ids:
        with world.store.write() as session:
            if (row := effects.still(session, effect_id, EffectStatus.READY)) is not None:
                effects.move(row, EffectStatus.CANCELLED)
                consequences.dropped(session, row, world.policy, "dunning run", "expired", now)
                dropped += 1
    return dropped


def resolve_by_person(
    world: World, effect_id: str, *, was_sent: bool, person: str, reason: str, case_number: str = ""
) -> None:
    """A person's word on an uncertain or refused effect. RunRefused where it is neither.

    A case that the agency has needs the agency's number: payments are reported under it.
    """
    with world.store.read() as session:
        row = session.get(EffectRow, effect_id)
    if was_sent and not case_number and row is not None and row.kind == EffectKind.AGENCY_CASE:
        raise RunRefused("case_number_missing", "the agency's case number is needed", "ask the agency for it")
    target = EffectStatus.SENT if was_sent else EffectStatus.CANCELLED
    if not _resolve(world, effect_id, target, person, case_number, reason):
        raise RunRefused(
            "not_unresolved",
            f"effect {effect_id} is neither uncertain nor refused",
            "look at the claim again; somebody resolved it already",
        )


def unresolved(session: Session) -> Sequence[EffectRow]:
    """The staff list: every effect that only evidence or a person moves on, oldest first."""
    statuses = [EffectStatus.UNCERTAIN, EffectStatus.FAILED]
    return session.exec(
        select(EffectRow).where(col(EffectRow.status).in_(statuses)).order_by(col(EffectRow.decided_at))
    ).all()


def _resolve(
    world: World, effect_id: str, target: EffectStatus, evidence: str, provider_id: str, reason: str = ""
) -> bool:
    """Compare and swap one uncertain or refused effect; False where it is neither any more."""
    now = world.clock.now()
    with world.store.write() as session:
        row = effects.still(session, effect_id, EffectStatus.UNCERTAIN, EffectStatus.FAILED)
        if row is None:
            return False
        effects.move(row, target)
        row.evidence, row.provider_id = evidence, provider_id or row.provider_id
        entry = audit.Entry(
            evidence, f"effect {effect_id}", "resolved", to_state=target, reason=reason, effect_id=effect_id
        )
        audit.append(session, [entry], now)
        if target is EffectStatus.SENT:
            consequences.sent(session, row, world.policy, evidence, now)
        if target is EffectStatus.CANCELLED:
            consequences.dropped(session, row, world.policy, evidence, reason or "not_sent", now)
    return True
