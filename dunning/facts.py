"""What papers say: invoices and bank statements as frozen values, before anybody draws a conclusion.

Amounts are signed whole cents of `currency` (two decimals); dates are the document's own.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from dunning.default import Agreement


class DueBasis(StrEnum):
    """Where the due date (Fälligkeit) comes from."""

    DOCUMENT = "document"
    """The document names the day (BT-9)."""
    TERMS = "terms"
    """Counted from the document's payment terms (BT-20), such as "zahlbar in 14 Tagen"."""
    SETTING = "setting"
    """The shop's payment term, since the document says nothing usable."""


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or a buyer as a document names it. Empty strings where the document is silent."""

    name: str = ""
    number: str = ""
    """The seller's own number for a buyer (customer number), or an identifier of the party."""
    vat_id: str = ""
    tax_number: str = ""
    street: str = ""
    street_2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2."""
    email: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An e-invoice (EN 16931 in UBL or CII, bare or inside a PDF) or one row of an invoice table."""

    kind: str
    """`ubl`, `cii`, `zugferd` or `table`."""
    number: str
    issued_on: date
    due_on: date
    due_basis: DueBasis
    currency: str
    payable_cents: int
    """BT-115, amount due for payment; positive in a credit note document too."""
    gross_cents: int
    """BT-112, total with VAT."""
    credit_note: bool
    """True for a credit note (type 381 and kin); its amount lowers a claim."""
    seller: Party
    buyer: Party
    seller_ibans: tuple[str, ...] = ()
    """BT-84: the accounts that the document asks to pay to; used to recognise the seller, never to print."""
    payment_reference: str = ""
    """BT-83, remittance information."""
    order_number: str = ""
    order_on: date | None = None
    delivered_on: date | None = None
    preceding_invoices: tuple[str, ...] = ()
    """BT-25: the invoices that a credit note or a corrected invoice corrects."""
    replaces: bool = False
    """A corrected invoice (type 384): it stands for the preceding one, not beside it."""
    payment_means: str = ""
    """BT-81 code: 30/58 credit transfer, 49/59 direct debit, ..."""
    subject: str = ""
    """What was sold, in a few words (first line's name)."""
    agreed: Agreement = Agreement.NONE
    """Whether the contract, not the document alone, says when it is due; only the shop's own table can tell."""
    received_on: date | None = None
    """When the buyer received the invoice, where the shop knows it."""
    notice_286_3: bool = False
    """The document itself carries the notice of § 286 (3) BGB."""
    row: int = 0
    """The row of the table it stood in, counted from 1 with the heading; 0 for an e-invoice."""
    owner: str = ""
    """Who holds the claim, if a table names somebody (a factor, a marketplace); empty: the shop itself."""


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One transaction of a statement; a batch entry is split into its transactions."""

    booked_on: date
    value_on: date
    amount_cents: int
    """Signed: positive came in, negative went out."""
    currency: str
    reference: str
    """Unstructured remittance information, lines joined by a space."""
    structured_reference: str = ""
    """Creditor reference (ISO 11649 RF or national)."""
    end_to_end_id: str = ""
    counterparty: str = ""
    counterparty_iban: str = ""
    bank_reference: str = ""
    """The account servicer's reference, if any."""
    return_reason: str = ""
    """ISO reason code of a returned payment (AC04, MD06, ...)."""
    reversal: bool = False
    """The bank marks the booking as the reversal of an earlier one."""


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One statement of one account. `opening + sum(entries) == closing` was checked when both are given."""

    account: str
    """IBAN, or the bank's own account number."""
    currency: str
    opening_cents: int | None
    closing_cents: int | None
    from_on: date | None
    until_on: date | None
    """The day of the closing balance; else the last booking day."""
    entries: tuple[BankEntry, ...] = field(default=())
    number: str = ""
