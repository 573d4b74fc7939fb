"""What UBL and CII have in common: the terms of EN 16931 (BT-..) made one `InvoiceDocument`."""

from dataclasses import dataclass

from dunning.errors import InputRejected
from dunning.facts import InvoiceDocument, Party
from tasks.intake.terms import carries_notice_286_3, due_date
from tasks.intake.xml import cents, day

CORRECTED_INVOICE_TYPE = "384"
CREDIT_NOTE_TYPES = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "389", "396", "420", "458", "502", "503", "532"}
)
"""BT-3 codes (UNTDID 1001) of documents that demand nothing from their recipient.

389 is the self-billed invoice, in German "Gutschrift" (§ 14 (2) UStG): whoever draws it up pays. It is
widely used, rightly or not, for a shop's credit to its customer; in neither reading may a customer be
reminded of it.
"""


@dataclass(frozen=True, slots=True)
class Written:
    """The terms of EN 16931 as the syntax wrote them, unread. Empty strings where the document is silent."""

    kind: str
    number: str
    issued_on: str
    type_code: str
    due_on: str
    terms: str
    notes: str
    currency: str
    payable: str
    gross: str
    seller: Party
    buyer: Party
    ibans: tuple[str, ...]
    payment_means: str
    payment_reference: str
    order_number: str
    order_on: str
    sales_order_number: str
    delivered_on: str
    preceding_invoices: tuple[str, ...]
    subject: str
    is_credit_note: bool = False


def invoice_document(written: Written, payment_term_days: int) -> InvoiceDocument:
    """Read the terms, or refuse the document: `field_missing`, `bad_amount`, `bad_date`, `bad_currency`."""
    for name, value in (
        ("invoice number (BT-1)", written.number),
        ("issue date (BT-2)", written.issued_on),
        ("currency (BT-5)", written.currency),
        ("amount due (BT-115)", written.payable),
    ):
        if not value:
            raise InputRejected("field_missing", f"The e-invoice has no {name}.", "Export it again, complete.")
    if not (len(written.currency) == 3 and written.currency.isascii() and written.currency.isalpha()):
        raise InputRejected("bad_currency", "The e-invoice's currency is no ISO 4217 code.", "Export it again.")
    issued_on = day(written.issued_on, "The issue date (BT-2)")
    named_on = day(written.due_on, "The due date (BT-9)") if written.due_on else None
    due_on, basis = due_date(named_on, written.terms, issued_on, payment_term_days)
    payable_cents = cents(written.payable, "The amount due (BT-115)")
    return InvoiceDocument(
        kind=written.kind,
        number=written.number,
        issued_on=issued_on,
        due_on=due_on,
        due_basis=basis,
        currency=written.currency,
        payable_cents=payable_cents,
        gross_cents=cents(written.gross, "The total with VAT (BT-112)") if written.gross else payable_cents,
        credit_note=written.is_credit_note or written.type_code in CREDIT_NOTE_TYPES,
        replaces=written.type_code == CORRECTED_INVOICE_TYPE,
        seller=written.seller,
        buyer=written.buyer,
        seller_ibans=written.ibans,
        payment_reference=written.payment_reference,
        order_number=_order_number(written),
        order_on=day(written.order_on, "The order date") if written.order_on else None,
        delivered_on=day(written.delivered_on, "The delivery date (BT-72)") if written.delivered_on else None,
        preceding_invoices=written.preceding_invoices,
        payment_means=written.payment_means,
        subject=written.subject,
        notice_286_3=carries_notice_286_3(f"{written.terms}\n{written.notes}"),
    )


def compact(identifier: str) -> str:
    """An IBAN or a VAT id without blanks, in capitals."""
    return "".join(identifier.split()).upper()


def _order_number(written: Written) -> str:
    """BT-13, the buyer's order.

    Where only the seller's own (BT-14) is known, UBL still demands a word here.
    """
    nothing = written.order_number in ("", "NA", "Dummywert")
    return written.sales_order_number if nothing else written.order_number
