"""Every change of a claim goes through here: balance, state, next day and version together, with an audit row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import bindparam, update
from sqlmodel import Session

from dunning.claim import Claim, SentNotice
from dunning.decision import next_look
from dunning.ledger import Line, LineKind
from dunning.lifecycle import Event, State, after
from dunning.procedure import Policy
from tasks.clock import berlin_day
from tasks.store import audit, facts
from tasks.store.tables import ClaimRow, LedgerEntryRow


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one claim. Without an event only its facts (ledger, holds, address) changed."""

    claim_id: int
    actor: str
    reason: str
    event: Event | None = None
    notice: SentNotice | None = None
    """With NOTICE_SENT: the notice that left."""
    effect_id: str = ""


def apply(session: Session, changes: Sequence[Change], policy: Policy, at: datetime) -> None:
    """Apply changes whose rows (ledger, holds, effects) are already written in this transaction.

    Each claim occurs once. Every claim's version rises by one, so that decisions made before count no more.
    """
    if not changes:
        return
    session.flush()
    by_id = {change.claim_id: change for change in changes}
    assert len(by_id) == len(changes), "one change a claim and transaction"
    rows, entries = [], []
    for found in facts.load_locked(session, sorted(by_id)):
        change = by_id[found.claim_id]
        claim, steps = _move(found.claim, change, policy)
        if waiver := _waiver(claim, policy, berlin_day(at)):
            session.add(_booked(found, waiver, at))
            claim = replace(claim, lines=(*claim.lines, waiver))
        rows.append(_columns(found.claim_id, claim, policy))
        entries += [
            audit.Entry(change.actor, f"claim {claim.number}", event, source, target, change.reason, change.effect_id)
            for event, source, target in steps
        ]
    session.connection().execute(_UPDATE, rows)
    audit.append(session, entries, at)


def _move(claim: Claim, change: Change, policy: Policy) -> tuple[Claim, list[tuple[str, str, str]]]:
    """The claim after the event and after what its balance then demands, with the steps for the audit."""
    steps = []
    if change.notice is not None:
        claim = replace(claim, level=max(claim.level, change.notice.level), last_notice=change.notice)
    if change.event is Event.NOTICE_CAME_BACK:
        claim = _without_returned(claim)
    claim = with_default(claim, policy)
    for event in (change.event, _balance_event(claim, policy, change.event)):
        if event is None:
            continue
        target = after(claim.state, event)
        steps.append((str(event), str(claim.state), str(target)))
        claim = replace(claim, state=target)
    if not steps:
        steps.append(("facts_changed", str(claim.state), str(claim.state)))
        return claim, steps
    return with_default(claim, policy), steps


def _without_returned(claim: Claim) -> Claim:
    """The claim as if the notices that came back had never left: level and deadline are those of the last one."""
    last = next((notice for notice in reversed(claim.notices) if not notice.came_back), None)
    return replace(claim, level=last.level if last else 0, last_notice=last)


def with_default(claim: Claim, policy: Policy) -> Claim:
    """The claim with its default as it follows from all its facts, and interest from it where the house charges any.

    A claim without a procedure has neither: a person decides.
    """
    procedure = policy.procedure_for(claim)
    if procedure is None:
        return replace(claim, default=None, interest_from=None)
    default = procedure.default_of(claim)
    if default is not None and claim.state is State.SETTLED and default.from_on > claim.account.as_of:
        default = None  # settled before it began
    charged = default is not None and procedure.charges_interest
    return replace(claim, default=default, interest_from=default.from_on if charged and default else None)


def _balance_event(claim: Claim, policy: Policy, first: Event | None) -> Event | None:
    """PAID_OFF or REOPENED where the balance and the state, after the first event, contradict each other."""
    state = after(claim.state, first) if first is not None else claim.state
    procedure = policy.procedure_for(claim)
    settled = claim.open_principal_cents <= (procedure.tolerance_cents if procedure else 0)
    if settled and state not in (State.SETTLED, State.AT_AGENCY):
        return Event.PAID_OFF
    return Event.REOPENED if not settled and state is State.SETTLED else None


def _waiver(claim: Claim, policy: Policy, on: date) -> Line | None:
    """What is left of the side costs where nobody owes them: after a withdrawal, too little to dun for, or without the
    default that they rested on, in which case a bank's fee stays owed."""
    procedure, left_cents = policy.procedure_for(claim), claim.account.costs_cents
    dust_cents = procedure.waived_costs_cents if procedure and claim.state is State.SETTLED else 0
    if claim.default is None and not claim.owes_no_costs and left_cents > dust_cents:
        left_cents -= sum(line.cents for line in claim.lines if line.kind is LineKind.BANK_FEE)
    elif not (claim.owes_no_costs or left_cents <= dust_cents):
        return None
    return Line(LineKind.WAIVER, on, -left_cents) if left_cents > 0 else None


def _booked(found: facts.ClaimFacts, line: Line, at: datetime) -> LedgerEntryRow:
    return LedgerEntryRow(
        claim_id=found.claim_id,
        kind=line.kind,
        value_on=line.on,
        cents=line.cents,
        fingerprint=f"{line.kind}|{found.claim.number}|{found.version}",
        booked_at=at,
    )


def _columns(claim_id: int, claim: Claim, policy: Policy) -> dict[str, object]:
    return {
        "b_id": claim_id,
        "state": claim.state,
        "level": claim.level,
        "open_cents": claim.open_cents,
        "open_principal_cents": claim.open_principal_cents,
        "dunnable_from": next_look(claim, policy),
        "default_from": claim.default.from_on if claim.default else None,
        "default_route": claim.default.route if claim.default else "",
        "default_evidence": claim.default.evidence if claim.default else "",
        "interest_from": claim.interest_from,
        "last_sent_on": claim.last_notice.sent_on if claim.last_notice else None,
        "last_pay_until": claim.last_notice.pay_until if claim.last_notice else None,
        "last_template": (claim.last_notice.template or "") if claim.last_notice else "",
        "policy_version": policy.version,
    }


_TABLE = ClaimRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at class creation
_UPDATE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("b_id"))
    .values(
        version=_TABLE.c.version + 1,
        **{
            name: bindparam(name)
            for name in (
                "state",
                "level",
                "open_cents",
                "open_principal_cents",
                "dunnable_from",
                "default_from",
                "default_route",
                "default_evidence",
                "interest_from",
                "last_sent_on",
                "last_pay_until",
                "last_template",
                "policy_version",
            )
        },
    )
)


def recompute(session: Session, claim_ids: Sequence[int], policy: Policy) -> None:
    """Compute anew what house rules decide, after they changed; no fact changed, so no version rises."""
    rows = []
    for found in facts.load_locked(session, claim_ids):
        columns = _columns(found.claim_id, with_default(found.claim, policy), policy)
        rows.append({name: columns[name] for name in ("b_id", *_BY_POLICY)})
    if rows:
        statement = update(_TABLE).where(_TABLE.c.id == bindparam("b_id"))
        session.connection().execute(statement.values({name: bindparam(name) for name in _BY_POLICY}), rows)


_BY_POLICY = (
    "open_cents",
    "open_principal_cents",
    "dunnable_from",
    "default_from",
    "default_route",
    "default_evidence",
    "interest_from",
    "policy_version",
)
