"""What staff find out about a claim: facts that default and limitation rest on, and notices that came back."""

from datetime import date

from sqlmodel import Session, col, select

from dunning.effects import EffectKind, EffectStatus
from dunning.errors import RunRefused
from dunning.evidence import EvidenceKind
from dunning.reasons import HoldKind
from tasks.desk import Act, find_claim, store_hold
from tasks.outbox import consequences
from tasks.store import changes
from tasks.store.tables import EffectRow, EvidenceRow, HoldRow
from tasks.world import World


def note_evidence(
    world: World, number: str, kind: EvidenceKind, act: Act, happened_on: date | None, until_on: date | None = None
) -> None:
    """Note a fact with the day it happened; without a day, take back what was noted of this kind.

    RunRefused for a day that has not come, and for an end without a beginning.
    """
    today = world.clock.today()
    if happened_on is not None and happened_on > today:
        raise RunRefused("evidence_in_the_future", f"{happened_on} has not come", "note it once it has happened")
    if until_on is not None and (happened_on is None or until_on < happened_on):
        raise RunRefused("evidence_ends_before_it_begins", "the last day lies before the first", "check the dates")
    with world.store.write() as session:
        found = find_claim(session, number)
        session.add(
            EvidenceRow(
                claim_id=found.claim_id,
                kind=kind,
                happened_on=happened_on,
                until_on=until_on,
                person=act.person,
                reason=act.reason,
                at=world.clock.now(),
            )
        )
        said = f"on {happened_on}" if happened_on else "taken back"
        change = changes.Change(found.claim_id, act.person, f"{kind} {said}: {act.reason}")
        changes.apply(session, [change], world.policy, world.clock.now())


def notice_came_back(world: World, number: str, act: Act, level: int | None = None) -> int:
    """Take a notice's effects back, by default the last one's, and hold the claim until its address is known.

    Its level, deadline and costs are gone, and so is a default that rested on it (§ 130 BGB). Returns its level;
    RunRefused where no notice has left.
    """
    now, today = world.clock.now(), world.clock.today()
    with world.store.write() as session:
        found = find_claim(session, number)
        effect = _last_sent(session, found.claim_id, level)
        store_hold(session, HoldRow(claim_id=found.claim_id, kind=HoldKind.ADDRESS_UNKNOWN, from_on=today), act, now)
        consequences.came_back(session, effect, world.policy, act.person, act.reason, now)
        return effect.level


def _last_sent(session: Session, claim_id: int, level: int | None) -> EffectRow:
    query = select(EffectRow).where(
        EffectRow.claim_id == claim_id,
        EffectRow.kind == EffectKind.NOTICE_MAIL,
        EffectRow.status == EffectStatus.SENT,
    )
    if level is not None:
        query = query.where(EffectRow.level == level)
    latest = query.order_by(col(EffectRow.level).desc(), col(EffectRow.occurrence).desc())
    effect = session.exec(latest.with_for_update()).first()
    if effect is None:
        raise RunRefused("no_notice_sent", "no notice on this claim has left", "look at the claim's file")
    return effect
