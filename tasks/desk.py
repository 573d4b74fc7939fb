"""What a clerk does at the desk: place a hold, note a promise, release. Each act carries a person and a reason."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from dunning.calendar import PlainCalendar
from dunning.errors import RunRefused
from dunning.holds import longest_until
from dunning.lifecycle import Event, State
from dunning.procedure import Procedure
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


def place_hold(
    world: World,
    number: str,
    kind: HoldKind,
    act: Act,
    from_on: date,
    until_on: date | None = None,
    *,
    whole_customer: bool = False,
) -> date | None:
    """Place what a clerk's form asks for; returns the last day, None for an open end.

    A pause for which no last day was named lasts its longest. RunRefused for an announced return that would last
    longer, and for a promise, which has a form of its own.
    """
    if kind is HoldKind.PROMISE_TO_PAY:
        raise RunRefused("promise_is_no_hold", "a promise is not placed as a hold", "note it with promise-to-pay")
    until_on = _last_day(kind, from_on, until_on)
    if whole_customer:
        with world.store.read() as session:
            customer = find_claim(session, number).customer.number
        hold_customer(world, customer, kind, act, from_on, until_on)
    else:
        hold_claim(world, number, kind, act, from_on, until_on)
    return until_on


def hold_claim(world: World, number: str, kind: HoldKind, act: Act, from_on: date, until_on: date | None = None) -> int:
    """Put a claim on hold through `until_on` (open end without it); returns the hold's id."""
    with world.store.write() as session:
        claim_id = find_claim(session, number).claim_id
        return place(session, world, HoldRow(claim_id=claim_id, kind=kind, from_on=from_on, until_on=until_on), act)


def hold_customer(
    world: World, customer_number: str, kind: HoldKind, act: Act, from_on: date, until_on: date | None = None
) -> int:
    """Put every claim of a customer on hold, those to come included; returns the hold's id."""
    with world.store.write() as session:
        customer = session.exec(select(CustomerRow).where(CustomerRow.number == customer_number)).first()
        if customer is None:
            raise RunRefused("unknown_customer", f"there is no customer {customer_number}", "check the customer number")
        row = HoldRow(customer_id=customer.id, kind=kind, from_on=from_on, until_on=until_on)
        return place(session, world, row, act)


def promise_to_pay(world: World, number: str, pay_until: date, act: Act, from_on: date) -> int:
    """Hold a claim until the promised day has passed, with the bank days that money needs to arrive.

    RunRefused for a day too far ahead, and where the claim has had its promises, kept, broken or released.
    """
    with world.store.write() as session:
        found = find_claim(session, number)
        facts.lock(session, [found.claim_id])  # two clerks at once note one promise after the other
        _check_promise(session, found, world.policy.procedure_for(found.claim), from_on, pay_until)
        row = HoldRow(
            claim_id=found.claim_id,
            kind=HoldKind.PROMISE_TO_PAY,
            from_on=from_on,
            until_on=_money_arrives_by(world, found, pay_until),
        )
        return place(session, world, row, act)


def release_claim(world: World, number: str, act: Act) -> int:
    """Release every hold on a claim and put it back on the ladder where a person had taken it off.

    Holds on its customer stay. Returns how many holds were released; RunRefused where there was nothing to release.
    """
    now = world.clock.now()
    with world.store.write() as session:
        found = find_claim(session, number)
        released = _release(session, col(HoldRow.claim_id) == found.claim_id, act, now)
        resumes = found.claim.state is State.IN_MANUAL_HANDS
        if not released and not resumes:
            raise RunRefused("nothing_to_release", f"{number} has no hold of its own", "look at its customer's holds")
        event = Event.RESUMED if resumes else None
        changes.apply(session, [changes.Change(found.claim_id, act.person, act.reason, event)], world.policy, now)
        return released


def release_customer(world: World, number: str, act: Act) -> int:
    """Release every hold on the customer of an invoice; returns how many. RunRefused where there is none."""
    with world.store.write() as session:
        customer_id = find_claim(session, number).customer.id
        released = _release(session, col(HoldRow.customer_id) == customer_id, act, world.clock.now())
        if not released:
            raise RunRefused(
                "nothing_to_release", f"the customer of {number} has no hold", "look at the holds of the invoice itself"
            )
        _let_know(session, world, col(ClaimRow.customer_id) == customer_id, act.person, act.reason)
        return released


def find_claim(session: Session, number: str) -> ClaimFacts:
    """The facts of a claim; RunRefused where there is no such invoice."""
    if (found := facts.by_number(session, number)) is None:
        raise RunRefused("unknown_invoice", f"there is no invoice {number}", "check the invoice number")
    return found


def _last_day(kind: HoldKind, from_on: date, until_on: date | None) -> date | None:
    """The last day of a hold for which `until_on` was named."""
    longest = longest_until(kind, from_on)
    if kind is HoldKind.RETURN_ANNOUNCED and longest and until_on and until_on > longest:
        raise RunRefused(
            "hold_too_long",
            f"an announced return holds dunning until {longest} at most",
            "name an earlier last day; what comes back later is a credit note",
        )
    return until_on or longest


def _check_promise(
    session: Session, found: ClaimFacts, procedure: Procedure | None, from_on: date, pay_until: date
) -> None:
    """RunRefused where the house rules let no promise go so far, or no further one at all."""
    if procedure is None:
        return
    if procedure.promise_days is not None and pay_until > (longest := from_on + timedelta(procedure.promise_days)):
        raise RunRefused(
            "promise_too_long",
            f"{pay_until} is too far ahead: a promise counts up to {longest}",
            "agree on an earlier day, or on a deferral or a plan, and place that as a hold",
        )
    query = select(func.count()).where(HoldRow.claim_id == found.claim_id, HoldRow.kind == HoldKind.PROMISE_TO_PAY)
    if procedure.promises is not None and session.exec(query).one() >= procedure.promises:
        raise RunRefused(
            "promises_used_up",
            f"{found.claim.number} has had its {procedure.promises} promises",
            "agree on a plan or a deferral and place it as a hold, or let dunning go on",
        )


def _money_arrives_by(world: World, found: ClaimFacts, pay_until: date) -> date:
    """The day by which money that leaves on the promised day has come in; the day itself without a procedure."""
    procedure = world.policy.procedure_for(found.claim)
    calendar = procedure.calendar if procedure else PlainCalendar()
    return calendar.add_bank_days(pay_until, procedure.promise_grace_bank_days if procedure else 0)


def place(session: Session, world: World, row: HoldRow, act: Act) -> int:
    """Store the hold in this transaction and let every claim under it know; returns its id."""
    if row.until_on is not None and row.until_on < row.from_on:
        raise RunRefused("hold_ends_before_it_begins", "the hold's last day lies before its first", "check the dates")
    store_hold(session, row, act, world.clock.now())
    session.flush()
    under_it = (
        col(ClaimRow.id) == row.claim_id if row.claim_id is not None else col(ClaimRow.customer_id) == row.customer_id
    )
    _let_know(session, world, under_it, act.person, f"hold {row.kind}: {act.reason}")
    assert row.id is not None
    return row.id


def store_hold(session: Session, row: HoldRow, act: Act, at: datetime) -> None:
    """Store the hold with who placed it; the claims under it are told by whoever changes them."""
    row.placed_by, row.placed_at, row.note = act.person, at, act.reason
    session.add(row)


def _release(session: Session, on_whom: ColumnElement[bool], act: Act, at: datetime) -> int:
    """Release the holds that this condition finds; returns how many."""
    rows = session.exec(select(HoldRow).where(on_whom, col(HoldRow.released_at).is_(None))).all()
    for row in rows:
        row.released_by, row.released_at, row.release_note = act.person, at, act.reason
    return len(rows)


def _let_know(session: Session, world: World, whose: ColumnElement[bool], actor: str, reason: str) -> None:
    """Tell the claims of a claim or customer, as far as they are not settled, that their holds changed."""
    claim_ids = session.exec(select(ClaimRow.id).where(whose, ClaimRow.state != State.SETTLED)).all()
    moves = [changes.Change(claim_id, actor, reason) for claim_id in claim_ids if claim_id is not None]
    changes.apply(session, moves, world.policy, world.clock.now())
