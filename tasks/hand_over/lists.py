"""The list that a person is asked about: which claims, their amounts, and what stands in the way."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, select

from dunning.claim import Claim
from dunning.errors import BaseRateUnknown, RunRefused
from dunning.lifecycle import Event, State
from dunning.procedure import Approval
from dunning.reasons import Reason
from tasks.hand_over.dossiers import dossier_of
from tasks.store import changes, facts
from tasks.store.facts import ClaimFacts
from tasks.store.tables import ApprovalRow, HandOverRow
from tasks.world import World

OPEN_FOR_DAYS = 5
"""A list can be answered this many days after its proposal."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One claim of the list; with `obstacles` it cannot be handed over now."""

    hand_over_id: int
    number: str
    version: int
    customer_number: str
    open_cents: int
    principal_cents: int
    due_on: date
    final_warning_on: date | None
    pay_until: date | None
    limitation_ends_on: date
    obstacles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandOverList:
    """What a person is asked: the list by its id and hash. No claim: nothing to ask."""

    list_id: int
    list_sha256: str
    proposed_on: date
    expires_on: date
    candidates: tuple[Candidate, ...]
    agency: str = ""
    rehearsal: bool = False
    """True where the agency is the sandbox on this machine: nothing leaves the house."""

    @property
    def ready(self) -> tuple[Candidate, ...]:
        """The claims that can be handed over."""
        return tuple(each for each in self.candidates if not each.obstacles)


def propose_list(world: World, as_of: date, flow_run_id: str = "") -> HandOverList | None:
    """Put today's list together, or come back to the one that waits; None where nothing is proposed.

    Proposals whose claims changed since go back to the ladder first.
    """
    now = world.clock.now()
    with world.store.write() as session:
        _lapse_changed(session, world, "the claim changed since it was proposed")
        candidates = _candidates(session, world, as_of)
        list_sha256 = _hash(candidates)
        approval = _waiting(session, list_sha256, as_of)
        if not candidates:
            return None
        if approval is None:
            approval = ApprovalRow(
                list_sha256=list_sha256,
                proposed_on=as_of,
                proposed_at=now,
                expires_on=as_of + timedelta(OPEN_FOR_DAYS),
            )
            session.add(approval)
            session.flush()
        approval.flow_run_id = flow_run_id or approval.flow_run_id
        for candidate in candidates:
            row = session.get(HandOverRow, candidate.hand_over_id)
            assert row is not None
            row.approval_id = approval.id
        return _asked(world, approval, candidates)


def list_of_run(world: World, flow_run_id: str, as_of: date) -> HandOverList | None:
    """The list that a Prefect run asked about before it was suspended, whatever became of it; None for a new run."""
    with world.store.read() as session:
        approval = session.exec(select(ApprovalRow).where(ApprovalRow.flow_run_id == flow_run_id)).first()
        if approval is None:
            return None
        candidates = _candidates(session, world, as_of, approval.id)
        return _asked(world, approval, candidates)


def waiting_list(world: World, list_id: int, as_of: date) -> HandOverList:
    """The list as it stands now; RunRefused where it does not wait any more or has changed."""
    with world.store.read() as session:
        approval = session.get(ApprovalRow, list_id)
        if approval is None:
            raise RunRefused("unknown_list", f"there is no list {list_id}", "look at the newest hand-over run")
        candidates = _candidates(session, world, as_of, list_id)
    _check(approval, _hash(candidates), as_of)
    return _asked(world, approval, candidates)


def _asked(world: World, approval: ApprovalRow, candidates: tuple[Candidate, ...]) -> HandOverList:
    assert approval.id is not None
    return HandOverList(
        approval.id,
        approval.list_sha256,
        approval.proposed_on,
        approval.expires_on,
        candidates,
        agency=world.settings.agency_name,
        rehearsal=world.settings.agency_is_sandbox,
    )


def _candidates(session: Session, world: World, as_of: date, list_id: int | None = None) -> tuple[Candidate, ...]:
    """Every claim that is proposed, or those of one list, by invoice number."""
    query = select(HandOverRow).where(HandOverRow.status == "proposed")
    if list_id is not None:
        query = query.where(HandOverRow.approval_id == list_id)
    rows = {row.claim_id: row for row in session.exec(query)}
    loaded = facts.load(session, sorted(rows))
    candidates = [_candidate(session, world, rows[found.claim_id], found, as_of) for found in loaded]
    return tuple(sorted(candidates, key=lambda each: each.number))


def _candidate(session: Session, world: World, row: HandOverRow, found: ClaimFacts, as_of: date) -> Candidate:
    claim, notice = found.claim, found.claim.last_notice
    assert row.id is not None
    return Candidate(
        hand_over_id=row.id,
        number=claim.number,
        version=found.version,
        customer_number=found.customer.number,
        open_cents=claim.open_cents,
        principal_cents=claim.open_principal_cents,
        due_on=claim.due_on,
        final_warning_on=notice.sent_on if notice else None,
        pay_until=notice.pay_until if notice else None,
        limitation_ends_on=claim.limitation_ends_on,
        obstacles=(
            *claim.holds_on(as_of),
            *_gaps(found, world, as_of),
            *(("approval:never",) if _is_never_approved(world, claim) else ()),
        ),
    )


def _gaps(found: ClaimFacts, world: World, as_of: date) -> tuple[str, ...]:
    """What the dossier lacks."""
    try:
        dossier = dossier_of(found, world.settings, as_of)
    except BaseRateUnknown:
        return (Reason.BASE_RATE_UNKNOWN,)
    return tuple(f"missing:{fact}" for fact in dossier.missing())


def _is_never_approved(world: World, claim: Claim) -> bool:
    """Whether the house rules only propose this claim and never hand it over."""
    procedure = world.policy.procedure_for(claim)
    return bool(procedure and procedure.hand_over and procedure.hand_over.approval is Approval.NEVER)


def _hash(candidates: Sequence[Candidate]) -> str:
    lines = [[each.number, each.version, each.open_cents, list(each.obstacles)] for each in candidates]
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _waiting(session: Session, list_sha256: str, as_of: date) -> ApprovalRow | None:
    """The list that waits with this content; every other waiting list has lapsed."""
    same = None
    for row in session.exec(select(ApprovalRow).where(ApprovalRow.status == "waiting")):
        if row.list_sha256 == list_sha256 and as_of <= row.expires_on:
            same = row
        else:
            row.status = "lapsed"
    return same


def _lapse_changed(session: Session, world: World, reason: str) -> None:
    """Proposals whose claims changed since lapse; a claim that is still owed goes back to the ladder."""
    now = world.clock.now()
    rows = session.exec(select(HandOverRow).where(HandOverRow.status == "proposed")).all()
    loaded = {found.claim_id: found for found in facts.load_locked(session, [row.claim_id for row in rows])}
    lapsed = [row for row in rows if loaded[row.claim_id].version != row.claim_version]
    for row in lapsed:
        row.status, row.last_error, row.updated_at = "lapsed", reason, now
    back = [row.claim_id for row in lapsed if loaded[row.claim_id].claim.state is State.HAND_OVER_PROPOSED]
    moves = [changes.Change(claim_id, "hand-over", reason, Event.PROPOSAL_LAPSED) for claim_id in back]
    changes.apply(session, moves, world.policy, now)


def _check(approval: ApprovalRow, list_sha256: str, as_of: date) -> None:
    if approval.status != "waiting":
        what = f"list {approval.id} is {approval.status}"
        what += f" by {approval.person}" if approval.person else ""
        raise RunRefused("list_answered", what, "look at the newest hand-over run")
    if as_of > approval.expires_on:
        raise RunRefused(
            "list_expired", f"list {approval.id} lapsed after {approval.expires_on}", "start hand-over anew"
        )
    if approval.list_sha256 != list_sha256:
        raise RunRefused(
            "list_changed", f"a claim of list {approval.id} has changed", "start hand-over for the new list"
        )
