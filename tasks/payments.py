"""Payments that were not booked for certain: a person books them on one or several claims, or dismisses them."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from dunning.claim import Claim
from dunning.costs import HIGHEST_BANK_FEE_CENTS, bank_fee_cents
from dunning.errors import BaseRateUnknown, RunRefused
from dunning.holds import hold_after_return
from dunning.ledger import Designation, LineKind
from dunning.lifecycle import State
from dunning.spread import OpenClaim, spread
from tasks import booking
from tasks.desk import Act, place
from tasks.store import audit, facts
from tasks.store.facts import ClaimFacts
from tasks.store.tables import ClaimRow, CustomerRow, HoldRow, PaymentProposalRow
from tasks.world import World


def book_payment(
    world: World, payment_id: int, act: Act, *, invoices: Sequence[str] = (), customer: str = ""
) -> dict[str, int]:
    """Book an open payment on the invoices named, in that order, else on a customer's open claims by § 366 (2) BGB.

    Returns the cents booked on each. What is left over stands on the first of them as a credit balance. RunRefused
    where the payment was answered before, is no incoming money, or does not fit the invoices.
    """
    now = world.clock.now()
    with world.store.write() as session:
        row = _open_payment(session, payment_id)
        if row.cents <= 0:
            raise RunRefused("no_incoming_money", f"payment {payment_id} went out, or came back", "see book-return")
        found = _claims(session, invoices, customer)
        if wrong := [each.claim.number for each in found if each.claim.currency != row.currency]:
            raise RunRefused(
                "other_currency", f"payment {payment_id} is in {row.currency}, {', '.join(wrong)} is not", "dismiss it"
            )
        open_claims = [_open_claim(each.claim, row.value_on) for each in found]
        shares = spread(row.cents, open_claims, row.value_on, designated=invoices)
        first = found[0].claim.number
        if over := shares.pop("", 0):
            shares[first] = shares.get(first, 0) + over
        ids = {each.claim.number: each.claim_id for each in found}
        designation = Designation.CLAIM if invoices else Designation.NONE
        booked = booking.book(
            session,
            [
                booking.Booking(
                    ids[number],
                    LineKind.PAYMENT,
                    -cents,
                    row.value_on,
                    f"{row.fingerprint}|{number}",
                    designation=designation,
                )
                for number, cents in shares.items()
            ],
            world.policy,
            actor=act.person,
            reason=f"payment {payment_id} booked by hand: {act.reason}",
            at=now,
        )
        if len(booked) != len(shares):
            raise RunRefused("payment_answered", f"payment {payment_id} was booked before", "look at the claims' files")
        _answer(session, row, "booked", act, world)
        return shares


def book_return(
    world: World, payment_id: int, invoice: str, act: Act, *, fee_cents: int = 0, debtor_responsible: bool = False
) -> int:
    """Book money that went back on the invoice that it had paid, and the bank's fee where the debtor is to blame.

    The amount is that of a payment on the invoice, or with the fee on top as some banks book it. A return that contests
    the payment puts the claim on hold. Returns what is open again, in cents. RunRefused where no such payment is left.
    """
    if not 0 <= fee_cents <= HIGHEST_BANK_FEE_CENTS:
        raise RunRefused("fee_too_high", "no bank takes so much for a return", "look at the bank's own booking")
    with world.store.write() as session:
        row = _open_payment(session, payment_id)
        (found,) = _claims(session, [invoice], "")
        returned = _returned_cents(found.claim, -row.cents, fee_cents)
        if returned is None:
            raise RunRefused("no_such_payment", f"no payment of that amount is left on {invoice}", "check the invoice")
        fee = bank_fee_cents(fee_cents, debtor_responsible=debtor_responsible)
        entries = ((LineKind.RETURNED_PAYMENT, returned), (LineKind.BANK_FEE, fee))
        booking.book(
            session,
            [
                booking.Booking(found.claim_id, kind, cents, row.value_on, f"{row.fingerprint}|{kind}")
                for kind, cents in entries
                if cents
            ],
            world.policy,
            actor=act.person,
            reason=f"return {payment_id} booked by hand: {act.reason}",
            at=world.clock.now(),
        )
        if contested := hold_after_return(row.return_reason):
            place(session, world, HoldRow(claim_id=found.claim_id, kind=contested, from_on=world.clock.today()), act)
        _answer(session, row, "booked", act, world)
        return returned + fee


def _returned_cents(claim: Claim, went_out: int, fee_cents: int) -> int | None:
    """The payment that went back: one of just this amount that is not returned yet, else with the fee in it."""
    left = Counter(-line.cents for line in claim.lines if line.kind is LineKind.PAYMENT)
    left -= Counter(line.cents for line in claim.lines if line.kind is LineKind.RETURNED_PAYMENT)
    return next((cents for cents in (went_out, went_out - fee_cents) if cents > 0 and left[cents] > 0), None)


def dismiss_payment(world: World, payment_id: int, act: Act) -> None:
    """Take an open payment off the list: it concerns no invoice. RunRefused where it was answered before."""
    with world.store.write() as session:
        _answer(session, _open_payment(session, payment_id), "dismissed", act, world)


def _open_payment(session: Session, payment_id: int) -> PaymentProposalRow:
    query = select(PaymentProposalRow).where(PaymentProposalRow.id == payment_id)
    row = session.exec(query.with_for_update().execution_options(populate_existing=True)).first()
    if row is None:
        raise RunRefused("unknown_payment", f"there is no payment {payment_id}", "look at unmatched-payments")
    if row.status != "open":
        who = f" by {row.decided_by}" if row.decided_by else ""
        raise RunRefused("payment_answered", f"payment {payment_id} was {row.status}{who}", "nothing is left to do")
    return row


def _claims(session: Session, invoices: Sequence[str], customer: str) -> list[ClaimFacts]:
    """The claims that a person named, else all that are open of a customer, the oldest first; locked."""
    query = select(ClaimRow.number, ClaimRow.id)
    if invoices:
        query = query.where(col(ClaimRow.number).in_(invoices))
    else:
        query = query.join(CustomerRow, col(CustomerRow.id) == ClaimRow.customer_id)
        query = query.where(CustomerRow.number == customer, ClaimRow.state != State.SETTLED)
    ids = {number: claim_id or 0 for number, claim_id in session.exec(query.order_by(col(ClaimRow.id)))}
    if unknown := [number for number in invoices if number not in ids]:
        raise RunRefused("unknown_invoice", f"there is no invoice {', '.join(unknown)}", "check the invoice numbers")
    if not ids:
        raise RunRefused("nothing_open", f"customer {customer} has no open claim", "name the invoices, or dismiss it")
    loaded = {each.claim.number: each for each in facts.load_locked(session, list(ids.values()))}
    return [loaded[number] for number in (dict.fromkeys(invoices) if invoices else ids)]


def _open_claim(claim: Claim, on: date) -> OpenClaim:
    """The claim as § 366 (2) BGB looks at it; where a base rate is not confirmed, without interest."""
    try:
        account, rate_bps = claim.account_on(on), _rate_bps(claim, on)
    except BaseRateUnknown:
        account, rate_bps = claim.account, 0
    return OpenClaim(
        claim.number,
        max(0, account.total_cents),
        claim.due_on,
        claim.issued_on or claim.due_on,
        claim.limitation_ends_on,
        rate_bps,
    )


def _rate_bps(claim: Claim, on: date) -> int:
    """What the claim costs its debtor a year; 0 where it bears no interest."""
    terms = claim.interest_terms
    if terms is None or on < terms.from_on:
        return 0
    return terms.rates.on(on).bps + terms.debt.margin_bps(terms.from_on)


def _answer(session: Session, row: PaymentProposalRow, status: str, act: Act, world: World) -> None:
    now = world.clock.now()
    row.status, row.decided_by, row.decided_at = status, act.person, now
    audit.append(session, [audit.Entry(act.person, f"payment {row.id}", f"payment_{status}", reason=act.reason)], now)
