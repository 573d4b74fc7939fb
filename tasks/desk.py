"""What a clerk does at the desk: place a hold, note a promise, release. Each act carries a person and a reason."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from dunning.calendar import PlainCalendar
from dunning.errors import RunRefused
from dunning.lifecycle import Event, State
from dunning.reasons import HoldKind
from tasks.store import changes, facts
from tasks.store.facts import ClaimFacts
from tasks.store.tables import ClaimRow, CustomerRow, HoldRow
from tasks.world import World


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, and why; both go into the audit."""

    person: str
    reason: str


def hold_claim(world: World, number: str, kind: HoldKind, act: Act, from_on: date, until_on: date | None = None) -> int:
    """Put a claim on hold through `until_on` (open end without it); returns the hold's id."""
    with world.store.write() as session:
        found = _claim(session, number)
        return _place(
            session,
            world,
            HoldRow(claim_id=found.claim_id, kind=kind, from_on=from_on, until_on=until_on),
            act,
        )


def hold_customer(
    world: World, customer_number: str, kind: HoldKind, act: Act, from_on: date, until_on: date | None = None
) -> int:
    """Put every claim of a customer on hold, those to come included; returns the hold's id."""
    with world.store.write() as session:
        customer = session.exec(select(CustomerRow).where(CustomerRow.number == customer_number)).first()
        if customer is None:
            raise RunRefused("unknown_customer", f"there is no customer {customer_number}", "check the customer number")
        row = HoldRow(customer_id=customer.id, kind=kind, from_on=from_on, until_on=until_on)
        return _place(session, world, row, act)


def promise_to_pay(world: World, number: str, pay_until: date, act: Act, from_on: date) -> int:
    """Hold a claim until the promised day has passed, with the bank days that money needs to arrive."""
    with world.store.read() as session:
        found = _claim(session, number)
    procedure = world.policy.procedure_for(found.claim)
    calendar = procedure.calendar if procedure else PlainCalendar()
    until_on = calendar.add_bank_days(pay_until, procedure.promise_grace_bank_days if procedure else 0)
    return hold_claim(world, number, HoldKind.PROMISE_TO_PAY, act, from_on, until_on)


def release_claim(world: World, number: str, act: Act) -> int:
    """Release every hold on a claim and put it back on the ladder where a person had taken it off.

    Holds on its customer stay. Returns how many holds were released; RunRefused where there was nothing to release.
    """
    now = world.clock.now()
    with world.store.write() as session:
        found = _claim(session, number)
        rows = session.exec(
            select(HoldRow).where(HoldRow.claim_id == found.claim_id, col(HoldRow.released_at).is_(None))
        ).all()
        resumes = found.claim.state is State.IN_MANUAL_HANDS
        if not rows and not resumes:
            raise RunRefused("nothing_to_release", f"{number} has no hold of its own", "look at its customer's holds")
        for row in rows:
            row.released_by, row.released_at, row.release_note = act.person, now, act.reason
        event = Event.RESUMED if resumes else None
        changes.apply(session, [changes.Change(found.claim_id, act.person, act.reason, event)], world.policy, now)
        return len(rows)


def _claim(session: Session, number: str) -> ClaimFacts:
    if (found := facts.by_number(session, number)) is None:
        raise RunRefused("unknown_invoice", f"there is no invoice {number}", "check the invoice number")
    return found


def _place(session: Session, world: World, row: HoldRow, act: Act) -> int:
    """Store the hold and let every claim under it know."""
    if row.until_on is not None and row.until_on < row.from_on:
        raise RunRefused("hold_ends_before_it_begins", "the hold's last day lies before its first", "check the dates")
    now = world.clock.now()
    row.placed_by, row.placed_at, row.note = act.person, now, act.reason
    session.add(row)
    session.flush()
    owned_by = ClaimRow.id == row.claim_id if row.claim_id is not None else ClaimRow.customer_id == row.customer_id
    claim_ids = session.exec(select(ClaimRow.id).where(owned_by, ClaimRow.state != State.SETTLED)).all()
    reason = f"hold {row.kind}: {act.reason}"
    moves = [changes.Change(claim_id, act.person, reason) for claim_id in claim_ids if claim_id is not None]
    changes.apply(session, moves, world.policy, now)
    assert row.id is not None
    return row.id
