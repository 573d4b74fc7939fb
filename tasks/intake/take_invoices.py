"""Invoices and credit notes: whose they are, whether they are known, and the claims and bookings they make."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from dunning.errors import InputRejected
from dunning.facts import DueBasis, InvoiceDocument
from dunning.ledger import Designation, LineKind
from dunning.lifecycle import State
from tasks import booking
from tasks.creditor import Creditor
from tasks.intake.tables import RejectedRow
from tasks.intake.take_customers import customer_of
from tasks.store.tables import ClaimRow, InvoiceRow
from tasks.world import World

CREDIT_WAITS = "credit_note_of_unknown_invoice"
"""The one reason for a parked row that passes by itself: its invoice comes in another file."""
OWN_TABLE = "table"
"""A table of invoices is the shop's own export and names no seller."""


@dataclass(slots=True)
class TookInvoices:
    """Counts of one file."""

    invoices: int = 0
    credit_notes: int = 0
    known: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)
    bookings: list[booking.Booking] = field(default_factory=list)
    """What the file's documents book; booked together, since a booking by itself costs ten queries."""


def take_invoices(session: Session, world: World, documents: Sequence[InvoiceDocument], file_id: int) -> TookInvoices:
    """Take in the documents of one file. A bad row of a table is parked; a bad e-invoice parks its file."""
    took = TookInvoices()
    for document in sorted(documents, key=lambda each: each.credit_note):
        try:
            _take_one(session, world, document, file_id, took)
        except InputRejected as error:
            if document.kind != OWN_TABLE:
                raise
            took.rejected.append(RejectedRow(document.row, error.reason, error.what))
    _book(session, world, took.bookings, file_id)
    return took


def _book(session: Session, world: World, bookings: Sequence[booking.Booking], file_id: int) -> None:
    for reason, is_credit in (("invoice taken in", False), ("credit note taken in", True)):
        booking.book(
            session,
            [each for each in bookings if (each.kind is LineKind.CREDIT_NOTE) is is_credit],
            world.policy,
            actor="intake",
            reason=reason,
            at=world.clock.now(),
            import_file_id=file_id,
        )


def _take_one(session: Session, world: World, document: InvoiceDocument, file_id: int, took: TookInvoices) -> None:
    if document.kind != OWN_TABLE:
        _require_ours(document, world.settings.creditor)
    content = content_hash(document)
    known = session.exec(select(InvoiceRow).where(InvoiceRow.number == document.number)).first()
    if known is not None:
        if known.content_sha256 != content:
            raise InputRejected(
                "number_conflict",
                f"{document.number} was taken in before with another content",
                "find out which of the two is right; the earlier one stays",
            )
        took.known += 1
    elif document.credit_note or document.gross_cents < 0:
        took.bookings += _credit(session, document, content, file_id)
        took.credit_notes += 1
    else:
        _require_replaced_is_closed(session, document)
        took.bookings += _claim(session, document, content, file_id)
        took.invoices += 1


def _require_ours(document: InvoiceDocument, creditor: Creditor) -> None:
    """The seller must be the creditor: by VAT id, else by name and account."""
    seller = document.seller
    if seller.vat_id and creditor.vat_id:
        ours = _plain(seller.vat_id) == _plain(creditor.vat_id)
    else:
        accounts = {_plain(iban) for iban in document.seller_ibans}
        is_named = bool(creditor.name) and _plain(seller.name) in (_plain(creditor.name), _plain(creditor.full_name))
        ours = is_named and bool(creditor.iban) and _plain(creditor.iban) in accounts
    if not ours:
        raise InputRejected(
            "not_our_invoice",
            f"{document.number} was issued by another seller than the creditor of this place",
            "check MAHNLAUF_CREDITOR_VAT_ID, _NAME and _IBAN, or leave the file out",
        )


def _require_replaced_is_closed(session: Session, document: InvoiceDocument) -> None:
    """A corrected invoice makes no second claim beside the one that it replaces."""
    if not document.replaces:
        return
    still_open = session.exec(
        select(ClaimRow.number).where(
            col(ClaimRow.number).in_(document.preceding_invoices), ClaimRow.state != State.SETTLED
        )
    ).first()
    if still_open is not None:
        raise InputRejected(
            "replaces_open_invoice",
            f"{document.number} replaces {still_open}, which is still demanded",
            f"take in a credit note on {still_open}, then this file again",
        )


def content_hash(document: InvoiceDocument) -> str:
    """Hash of what makes an invoice the same one, in whichever syntax it comes."""
    due_on = document.due_on.isoformat() if document.due_basis is DueBasis.DOCUMENT else ""
    said = [
        document.number,
        document.issued_on.isoformat(),
        due_on,
        document.currency,
        document.payable_cents,
        document.gross_cents,
        document.credit_note,
        document.buyer.number or _plain(document.buyer.name),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _claim(session: Session, document: InvoiceDocument, content: str, file_id: int) -> list[booking.Booking]:
    """Add the claim; returns its first bookings: the invoice, and what was paid before it was issued."""
    invoice = _invoice(session, document, content, file_id)
    session.add(invoice)
    session.flush()
    assert invoice.id is not None
    owed = max(document.gross_cents, document.payable_cents)
    claim = ClaimRow(
        number=invoice.number,
        invoice_id=invoice.id,
        customer_id=invoice.customer_id,
        state=State.OPEN if owed else State.SETTLED,  # an invoice over nothing has no booking that would settle it
    )
    session.add(claim)
    session.flush()
    assert claim.id is not None
    lines = [(LineKind.INVOICE, owed, "invoice", "")]
    if document.payable_cents < owed:
        lines.append((LineKind.PAYMENT, document.payable_cents - owed, "prepaid", "prepaid, says the invoice"))
    return [
        booking.Booking(claim.id, kind, cents, document.issued_on, f"{name}|{document.number}", note, Designation.CLAIM)
        for kind, cents, name, note in lines
        if cents
    ]


def _credit(session: Session, document: InvoiceDocument, content: str, file_id: int) -> list[booking.Booking]:
    """Add the credit note; returns the booking that lowers the one claim that it names."""
    claim_id, number = _corrected(session, document)
    row = _invoice(session, document, content, file_id)
    row.kind, row.corrects = "credit_note", number
    session.add(row)
    cents = -abs(document.gross_cents or document.payable_cents)
    fingerprint = f"credit_note|{document.number}"
    credit = booking.Booking(claim_id, LineKind.CREDIT_NOTE, cents, document.issued_on, fingerprint, document.number)
    return [credit] if cents else []


def _corrected(session: Session, document: InvoiceDocument) -> tuple[int, str]:
    """Id and number of the claim that a credit note lowers; InputRejected where it is not certain which."""
    named = dict.fromkeys(document.preceding_invoices)
    if len(named) != 1:
        raise InputRejected(
            "credit_note_names_no_invoice" if not named else "credit_note_names_several",
            f"{document.number} does not name the one invoice that it lowers",
            "book it by hand on the right invoice",
        )
    (number,) = named
    found = session.exec(
        select(ClaimRow.id, InvoiceRow.currency)
        .join(InvoiceRow, col(InvoiceRow.id) == ClaimRow.invoice_id)
        .where(ClaimRow.number == number)
    ).first()
    if found is None or found[0] is None:
        raise InputRejected(
            CREDIT_WAITS,
            f"{document.number} lowers {number}, which was never taken in",
            "take in the invoice first, then this file again",
        )
    if document.currency != found[1]:
        raise InputRejected(
            "credit_note_in_other_currency",
            f"{document.number} is in {document.currency}, the invoice that it lowers in {found[1]}",
            "book it by hand on the right invoice",
        )
    return found[0], number


def _invoice(session: Session, document: InvoiceDocument, content: str, file_id: int) -> InvoiceRow:
    customer = customer_of(session, document.buyer)
    assert customer.id is not None
    return InvoiceRow(
        number=document.number,
        customer_id=customer.id,
        order_number=document.order_number,
        ordered_on=document.order_on,
        subject=document.subject,
        issued_on=document.issued_on,
        delivered_on=document.delivered_on,
        due_on=document.due_on,
        due_basis=document.due_basis,
        due_agreed=document.agreed,
        received_on=document.received_on,
        notice_286_3=document.notice_286_3,
        owner=document.owner or "shop",
        payment_method=document.payment_means,
        payment_reference=document.payment_reference,
        currency=document.currency,
        gross_cents=document.gross_cents,
        content_sha256=content,
        import_file_id=file_id,
    )


def _plain(text: str) -> str:
    """Letters and digits only, without case."""
    return re.sub(r"[\W_]", "", text).casefold()
