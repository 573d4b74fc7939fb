"""Customers of a table: new ones are added, known ones brought up to date; their claims learn of it."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from dunning.debtor import DebtorKind
from dunning.facts import Party
from dunning.lifecycle import State
from tasks.intake.tables import CustomerRow as CustomerOfTable
from tasks.store import changes
from tasks.store.facts import CHUNK
from tasks.store.tables import ClaimRow, CustomerRow
from tasks.world import World

GERMAN_SPEAKING = frozenset({"DE", "AT", "CH", "LI", "LU", ""})
"""Countries whose customers get German letters where nothing else is known."""


def take_customers(session: Session, world: World, rows: Sequence[CustomerOfTable]) -> int:
    """Add or update these customers; returns how many rows changed anything."""
    changed, known_ids = 0, []
    for row in rows:
        customer = _known(session, row.number) or CustomerRow(number=row.number)
        before = customer.model_dump()
        customer.kind = row.kind
        customer.name, customer.company = row.name, row.company
        customer.first_name, customer.last_name = row.first_name, row.last_name
        customer.street, customer.street_2 = row.street, row.street_2
        customer.postal_code, customer.city, customer.country = row.postal_code, row.city, row.country
        customer.federal_state, customer.email = row.state or None, row.email
        customer.language, customer.account_since = row.language or "de", row.account_since
        if customer.model_dump() == before:
            continue
        changed += 1
        session.add(customer)
        if customer.id is not None:
            known_ids.append(customer.id)
    session.flush()
    _tell_claims(session, world, known_ids)
    return changed


def customer_of(session: Session, buyer: Party) -> CustomerRow:
    """The customer that a document names: by number, else by name and address; a new one where nobody fits.

    The table of customers is the master: a document fills gaps and overwrites nothing.
    """
    customer = _known(session, buyer.number) if buyer.number else _by_address(session, buyer)
    if customer is None:
        customer = CustomerRow(
            number=buyer.number or f"E-{_next_number(session)}",
            kind=DebtorKind.BUSINESS if buyer.vat_id else DebtorKind.UNKNOWN,
            language="de" if buyer.country in GERMAN_SPEAKING else "en",
        )
        session.add(customer)
    if not customer.name:
        customer.name, customer.country = buyer.name, buyer.country or "DE"
        customer.street, customer.street_2 = buyer.street, buyer.street_2
        customer.postal_code, customer.city = buyer.postal_code, buyer.city
    customer.email = customer.email or buyer.email
    session.flush()
    return customer


def _known(session: Session, number: str) -> CustomerRow | None:
    return session.exec(select(CustomerRow).where(CustomerRow.number == number)).first()


def _by_address(session: Session, buyer: Party) -> CustomerRow | None:
    """The customer of this name and address; nobody where one of them is missing: a bare name is many people's."""
    if not (buyer.name and buyer.street and buyer.postal_code):
        return None
    return session.exec(
        select(CustomerRow).where(
            CustomerRow.name == buyer.name,
            CustomerRow.street == buyer.street,
            CustomerRow.postal_code == buyer.postal_code,
        )
    ).first()


def _next_number(session: Session) -> int:
    """A number of our own for a buyer whom no document numbers."""
    newest = session.exec(select(CustomerRow.id).order_by(col(CustomerRow.id).desc()).limit(1)).first()
    return 10_001 + (newest or 0)


def _tell_claims(session: Session, world: World, customer_ids: Sequence[int]) -> None:
    """Let the open claims of these customers know, all at once."""
    moves = []
    for start in range(0, len(customer_ids), CHUNK):
        owed_by = col(ClaimRow.customer_id).in_(customer_ids[start : start + CHUNK])
        for claim_id in session.exec(select(ClaimRow.id).where(owed_by, ClaimRow.state != State.SETTLED)):
            moves.append(changes.Change(claim_id or 0, "intake", "customer updated"))
    changes.apply(session, moves, world.policy, world.clock.now())
