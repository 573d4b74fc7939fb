"""A person's answer to a list. Two doors lead here: the waiting run's form, and the approve-hand-over deployment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from dunning.claim import Claim
from dunning.decision import is_fresh
from dunning.effects import EffectKind
from dunning.errors import RunRefused
from dunning.lifecycle import Event
from dunning.reasons import Reason
from tasks.hand_over.dossiers import dossier_of
from tasks.hand_over.lists import waiting_list
from tasks.outbox import effects
from tasks.outbox.agency_case import build_case
from tasks.outbox.frozen import frozen_text, sha256_of
from tasks.store import changes, facts
from tasks.store.facts import ClaimFacts
from tasks.store.tables import ApprovalRow, HandOverRow
from tasks.world import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's answer to a list."""

    approve: bool
    person: str
    reason: str
    exceptions: tuple[str, ...] = ()
    """Invoice numbers that stay proposed for another day."""


def answer_list(world: World, list_id: int, verdict: Verdict, as_of: date) -> list[str]:
    """Take a person's answer: both doors end here. Returns the ids of the transfers that were recorded.

    RunRefused where the list is answered, expired or changed; then nothing is written but that it lapsed.
    """
    asked = waiting_list(world, list_id, as_of)
    if unknown := set(verdict.exceptions) - {each.number for each in asked.candidates}:
        raise RunRefused(
            "not_on_the_list", f"not on list {list_id}: {', '.join(sorted(unknown))}", "check the exceptions"
        )
    chosen = [each for each in asked.ready if each.number not in verdict.exceptions]
    now = world.clock.now()
    with world.store.write() as session:
        approval = session.exec(select(ApprovalRow).where(ApprovalRow.id == list_id).with_for_update()).one()
        rows = [session.get(HandOverRow, each.hand_over_id) for each in chosen]
        rows_live = [row for row in rows if row is not None and row.status == "proposed"]
        loaded = {found.claim_id: found for found in facts.load_locked(session, [row.claim_id for row in rows_live])}
        current = [row for row in rows_live if loaded[row.claim_id].version == row.claim_version]
        if approval.status != "waiting" or len(current) != len(chosen):
            raise RunRefused("list_changed", f"list {list_id} has changed meanwhile", "start hand-over for a new list")
        if verdict.approve:
            _require_fresh(session, world, [loaded[row.claim_id].claim for row in current], as_of)
        approval.status = "approved" if verdict.approve else "rejected"
        approval.person, approval.reason, approval.decided_at = verdict.person, verdict.reason, now
        approval.exceptions = list(verdict.exceptions)
        if not verdict.approve:
            _reject(session, world, current, verdict)
            return []
        return _approve(session, world, current, loaded, verdict, as_of)


def _require_fresh(session: Session, world: World, claims: Sequence[Claim], as_of: date) -> None:
    """Who may have paid since the proposal is not handed over: RunRefused on stale bank data."""
    until = facts.bank_data_until(session)
    procedures = [world.policy.procedure_for(claim) for claim in claims]
    if not all(procedure is None or is_fresh(procedure, as_of, until) for procedure in procedures):
        raise RunRefused(
            Reason.BANK_DATA_STALE,
            f"payments are known up to {until or 'no day'} only",
            "import the newest bank statements, then answer again",
        )


def _approve(
    session: Session,
    world: World,
    rows: Sequence[HandOverRow],
    loaded: dict[int, ClaimFacts],
    verdict: Verdict,
    as_of: date,
) -> list[str]:
    """Freeze the dossiers and record the transfers."""
    now = world.clock.now()
    counts = effects.occurrences(session, EffectKind.AGENCY_CASE, [row.claim_id for row in rows])
    new = []
    for row in rows:
        found = loaded[row.claim_id]
        dossier = dossier_of(found, world.settings, as_of)
        row.dossier, row.dossier_sha256 = dossier.to_json(), sha256_of(dossier.to_json())
        row.status, row.updated_at, row.open_cents = "approved", now, found.claim.balance_cents
        new.append(
            effects.NewEffect(
                kind=EffectKind.AGENCY_CASE,
                claim_id=row.claim_id,
                claim_number=found.claim.number,
                claim_version=found.version + 1,
                level=0,
                occurrence=counts[row.claim_id, 0],
                payload=frozen_text(build_case(dossier)),
                amount_cents=found.claim.open_cents,
                business_date=as_of,
                hand_over_id=row.id,
                expires=False,
            )
        )
    effect_ids = effects.record(session, new, now)
    moves = [
        changes.Change(each.claim_id, verdict.person, verdict.reason, Event.HAND_OVER_APPROVED, effect_id=each.id)
        for each in new
    ]
    changes.apply(session, moves, world.policy, now)
    return effect_ids


def _reject(session: Session, world: World, rows: Sequence[HandOverRow], verdict: Verdict) -> None:
    now = world.clock.now()
    for row in rows:
        row.status, row.updated_at = "rejected", now
    moves = [changes.Change(row.claim_id, verdict.person, verdict.reason, Event.HAND_OVER_REJECTED) for row in rows]
    changes.apply(session, moves, world.policy, now)
