"""What the watch finds in the books: amounts that do not add up, what the agency was told and is true no more, and what
is left over on either side once an invoice is paid."""

from collections.abc import Iterator

from sqlalchemy import case, func, or_
from sqlmodel import Session, col, select

from dunning.ledger import PRINCIPAL_KINDS
from dunning.lifecycle import State
from tasks.findings import Finding, named
from tasks.store import facts
from tasks.store.base_rates import TO_BE_COMPUTED
from tasks.store.facts import ClaimFacts
from tasks.store.tables import ClaimRow, HandOverRow, LedgerEntryRow


def in_the_books(session: Session) -> Iterator[Finding]:
    """Every finding on what is owed."""
    yield from _balances(session)
    yield from _agency_knows_less(session)
    yield from _agency_without_default(session)
    yield from _side_costs(session)
    yield from _overpaid(session)


def _balances(session: Session) -> Iterator[Finding]:
    """A claim's open amounts are what its ledger leaves open."""
    wrong = {
        (found.claim_id, found.version): found.claim.number
        for row, found in _not_plain(session)
        if (row.open_cents, row.open_principal_cents) != (found.claim.open_cents, found.claim.open_principal_cents)
    }
    if not wrong:
        return
    # PostgreSQL sees what others commit between two queries: who was booked on meanwhile is looked at next time
    ids = [claim_id for claim_id, _ in wrong]
    now = set(session.exec(select(ClaimRow.id, ClaimRow.version).where(col(ClaimRow.id).in_(ids))))
    if still := [number for seen, number in wrong.items() if seen in now]:
        yield Finding(f"the ledger does not add up to the open amount: {named(still)}", "stop, tell us", broken=True)


def _not_plain(session: Session) -> Iterator[tuple[ClaimRow, ClaimFacts]]:
    """The claims whose open amounts are not the plain sums of the bookings: a fault, or payments credited to costs or
    interest, which only the account can tell apart. Not those that the next run computes anew."""
    principal = case((col(LedgerEntryRow.kind).in_(PRINCIPAL_KINDS), LedgerEntryRow.cents), else_=0)
    owed, owed_principal = (func.coalesce(func.sum(each), 0) for each in (col(LedgerEntryRow.cents), principal))
    rows = session.exec(
        select(ClaimRow)
        .join(LedgerEntryRow, col(LedgerEntryRow.claim_id) == ClaimRow.id, isouter=True)
        .where(ClaimRow.policy_version != TO_BE_COMPUTED)
        .group_by(col(ClaimRow.id))
        .having(or_(owed != col(ClaimRow.open_cents), owed_principal != col(ClaimRow.open_principal_cents)))
        .order_by(col(ClaimRow.id))
    ).all()
    by_id = {row.id: row for row in rows}
    return ((by_id[found.claim_id], found) for found in facts.load(session, [row.id or 0 for row in rows]))


def _agency_knows_less(session: Session) -> Iterator[Finding]:
    """A payment came back after it was reported to the agency, which was told the sum of the bookings."""
    rows = session.exec(
        select(ClaimRow.number)
        .join(HandOverRow, col(HandOverRow.claim_id) == ClaimRow.id)
        .join(LedgerEntryRow, col(LedgerEntryRow.claim_id) == ClaimRow.id)
        .where(HandOverRow.status == "transferred")
        .group_by(col(ClaimRow.number), col(HandOverRow.open_cents))
        .having(func.sum(LedgerEntryRow.cents) > col(HandOverRow.open_cents))
        .order_by(col(ClaimRow.number))
    ).all()
    if rows:
        yield Finding(f"more is open than the agency knows: {named(rows)}", "tell the agency of the returned payment")


def _agency_without_default(session: Session) -> Iterator[Finding]:
    """A case that went to the agency in default, and what its default rested on was taken back since."""
    rows = session.exec(
        select(ClaimRow.number)
        .where(
            col(ClaimRow.state).in_([State.TRANSFER_UNDER_WAY, State.AT_AGENCY]), col(ClaimRow.default_from).is_(None)
        )
        .order_by(col(ClaimRow.number))
    ).all()
    if rows:
        yield Finding(f"no default on record any more: {named(rows)}", "tell the agency")


def _side_costs(session: Session) -> Iterator[Finding]:
    """More than the house waives is left of the side costs, and no letter ever demands them alone."""
    costs_are_left = (ClaimRow.open_cents > 0, col(ClaimRow.open_cents) > col(ClaimRow.open_principal_cents))
    rows = session.exec(
        select(ClaimRow.number).where(ClaimRow.state == State.SETTLED, *costs_are_left).order_by(col(ClaimRow.number))
    ).all()
    if rows:
        yield Finding(
            f"side costs are left after the invoice was paid: {named(rows)}", "demand them by hand or write a waiver"
        )


def _overpaid(session: Session) -> Iterator[Finding]:
    rows = session.exec(select(ClaimRow.number).where(col(ClaimRow.open_cents) < 0)).all()
    if rows:
        yield Finding(f"more came in than was owed: {named(rows)}", "pay it back or book it on another invoice")
