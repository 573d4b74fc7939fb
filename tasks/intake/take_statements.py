"""Bank statements: certain payments are booked, every other entry becomes a proposal; nothing is counted twice."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy
from sqlmodel import Session, col, select

from dunning.facts import BankEntry, BankStatement
from dunning.known_invoices import KnownInvoice, KnownInvoices
from dunning.ledger import LineKind
from dunning.lifecycle import State
from dunning.matching import Books, Proposal, ProposalReason, designation_of, match
from tasks import booking
from tasks.store.facts import CHUNK
from tasks.store.tables import (
    BankStatementRow,
    ClaimRow,
    CustomerRow,
    InvoiceRow,
    LedgerEntryRow,
    PaymentProposalRow,
)
from tasks.world import World

REMATCHED = (ProposalReason.NO_REFERENCE_FOUND, ProposalReason.INVOICE_NOT_OPEN)
"""Proposals that a new invoice may explain: it was paid before it came in."""


@dataclass(slots=True)
class Booked:
    """Counts of one file."""

    payments: int = 0
    proposals: int = 0
    known: int = 0


def take_statements(session: Session, world: World, statements: Sequence[BankStatement], file_id: int) -> Booked:
    """Book and propose the entries of one file that no earlier file brought.

    A list that names no account is the shop's own export of its own account.
    """
    own = world.settings.creditor.iban
    statements = [replace(statement, account=statement.account or own) for statement in statements]
    known = _known_invoices(session, world)
    fingerprints = list(_fingerprints(statements))
    old = _old(session, [name for _, _, name in fingerprints])
    booked = Booked(known=sum(name in old for _, _, name in fingerprints))
    payments: list[tuple[BankEntry, str, Books]] = []
    for account, entry, name in fingerprints:
        if name in old:
            continue
        match match(entry, known, account=account):
            case Books() as books:
                payments.append((entry, name, books))
                _lower(known, books)
            case Proposal() as proposal:
                session.add(_proposal(entry, account, name, proposal, file_id))
                booked.proposals += 1
    booked.payments = _book(session, world, payments, file_id)
    today = world.clock.today()
    session.add_all(_statement(statement, known, file_id, today) for statement in statements)
    return booked


def rematch(session: Session, world: World) -> int:
    """Ask again about open proposals after invoices came in; returns how many were booked."""
    rows = session.exec(
        select(PaymentProposalRow)
        .where(PaymentProposalRow.status == "open", col(PaymentProposalRow.reason).in_(REMATCHED))
        .order_by(col(PaymentProposalRow.id))
    ).all()
    if not rows:
        return 0
    known = _known_invoices(session, world)
    done = 0
    for row in rows:
        entry = _entry(row)
        verdict = match(entry, known, account=row.account)
        if isinstance(verdict, Books):
            row.status, row.decided_by, row.decided_at = "booked", "intake", world.clock.now()
            done += _book(session, world, [(entry, row.fingerprint, verdict)], row.import_file_id)
            _lower(known, verdict)
    return done


def _known_invoices(session: Session, world: World) -> KnownInvoices:
    """Every invoice of ours; closed ones too, so that a payment that names one is recognised."""
    rows = session.connection().execute(
        sqlalchemy.select(
            col(ClaimRow.number),
            col(ClaimRow.open_cents),
            col(ClaimRow.state),
            col(InvoiceRow.currency),
            col(InvoiceRow.payment_reference),
            col(CustomerRow.number),
            col(CustomerRow.name),
        )
        .join(InvoiceRow, col(InvoiceRow.id) == ClaimRow.invoice_id)
        .join(CustomerRow, col(CustomerRow.id) == ClaimRow.customer_id)
    )
    invoices = (
        KnownInvoice(number, open_cents, currency, customer, name, reference, is_open=state != State.SETTLED)
        for number, open_cents, state, currency, reference, customer, name in rows
    )
    return KnownInvoices(invoices, own_accounts=[world.settings.creditor.iban])


def _lower(known: KnownInvoices, books: Books) -> None:
    """Let the next entry see what this one paid."""
    for number, cents in books.shares:
        invoice = known.invoice(number)
        left = invoice.open_cents - cents
        known.put(replace(invoice, open_cents=left, is_open=left > 0))


def _book(session: Session, world: World, payments: Sequence[tuple[BankEntry, str, Books]], file_id: int) -> int:
    """Book each share; returns how many entries were new. The first share bears the entry's own fingerprint."""
    claim_ids = _claim_ids(session, sorted({number for _, _, books in payments for number, _ in books.shares}))
    bookings = [
        booking.Booking(
            claim_ids[number],
            LineKind.PAYMENT,
            -cents,
            entry.value_on,
            f"{name}|{number}" if place else name,
            designation=designation_of(entry),
        )
        for entry, name, books in payments
        for place, (number, cents) in enumerate(books.shares)
    ]
    new = booking.book(
        session,
        bookings,
        world.policy,
        actor="intake",
        reason="payment booked",
        at=world.clock.now(),
        import_file_id=file_id,
    )
    return len({name for _, name, _ in payments} & {each.fingerprint for each in new})


def _claim_ids(session: Session, numbers: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(numbers), CHUNK):
        chunk = col(ClaimRow.number).in_(numbers[start : start + CHUNK])
        for number, claim_id in session.exec(select(ClaimRow.number, ClaimRow.id).where(chunk)):
            found[number] = claim_id or 0
    return found


def _fingerprints(statements: Sequence[BankStatement]) -> Iterator[tuple[str, BankEntry, str]]:
    """Each entry with what makes it the only one: real twins differ by their number within the file."""
    twins: Counter[str] = Counter()
    for statement in statements:
        for entry in statement.entries:
            said = [
                statement.account,
                entry.booked_on.isoformat(),
                entry.value_on.isoformat(),
                entry.amount_cents,
                entry.currency,
                entry.reference,
                entry.structured_reference,
                entry.end_to_end_id,
                entry.counterparty,
                entry.counterparty_iban,
                entry.bank_reference,
            ]
            name = hashlib.sha256(json.dumps(said).encode()).hexdigest()
            yield statement.account, entry, f"bank|{name}|{twins[name]}"
            twins[name] += 1


def _old(session: Session, names: Sequence[str]) -> set[str]:
    """Which of these entries were booked or proposed already."""
    found: set[str] = set()
    for start in range(0, len(names), CHUNK):
        chunk = names[start : start + CHUNK]
        for column in (LedgerEntryRow.fingerprint, PaymentProposalRow.fingerprint):
            found.update(session.exec(select(column).where(col(column).in_(chunk))))
    return found


def _proposal(entry: BankEntry, account: str, name: str, proposal: Proposal, file_id: int) -> PaymentProposalRow:
    return PaymentProposalRow(
        fingerprint=name,
        import_file_id=file_id,
        account=account,
        booked_on=entry.booked_on,
        value_on=entry.value_on,
        cents=entry.amount_cents,
        currency=entry.currency,
        reference=entry.reference,
        structured_reference=entry.structured_reference,
        end_to_end_id=entry.end_to_end_id,
        counterparty=entry.counterparty,
        counterparty_iban=entry.counterparty_iban,
        return_reason=entry.return_reason,
        reason=proposal.reason,
        candidates=[{"number": each.number, "why": list(each.why)} for each in proposal.candidates],
    )


def _entry(row: PaymentProposalRow) -> BankEntry:
    return BankEntry(
        booked_on=row.booked_on,
        value_on=row.value_on,
        amount_cents=row.cents,
        currency=row.currency,
        reference=row.reference,
        structured_reference=row.structured_reference,
        end_to_end_id=row.end_to_end_id,
        counterparty=row.counterparty,
        counterparty_iban=row.counterparty_iban,
        return_reason=row.return_reason,
    )


def _statement(statement: BankStatement, known: KnownInvoices, file_id: int, today: date) -> BankStatementRow:
    """The statement's row. One that claims to know the days to come makes nothing fresh beyond today."""
    return BankStatementRow(
        import_file_id=file_id,
        account=statement.account,
        own=known.owns(statement.account),
        currency=statement.currency,
        opening_cents=statement.opening_cents,
        closing_cents=statement.closing_cents,
        from_on=statement.from_on,
        until_on=min(statement.until_on, today) if statement.until_on else None,
        entries=len(statement.entries),
    )
