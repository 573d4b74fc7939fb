"""What a notice (Mahnung) says: its amounts line by line and the facts of the claim. No wording, no layout.

The amounts are a statement of account: the lines add up to what is demanded, to the cent, and the same value goes
into mail text, HTML, ledger snapshot and letter.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Template(StrEnum):
    """The three letters of the ladder; a procedure's level names one of them."""

    REMINDER = "reminder"
    """Payment reminder (Zahlungserinnerung)."""
    SECOND_NOTICE = "second_notice"
    """Second notice (Mahnung)."""
    FINAL_WARNING = "final_warning"
    """Final warning (letzte Mahnung): names the agency and its expected cost."""


STEP_NAMES = {1: "payment reminder", 2: "second notice", 3: "final warning"}


def step_name(level: int) -> str:
    """What people call the notice of a level."""
    return STEP_NAMES.get(level, f"notice {level}")


class LineKind(StrEnum):
    """Kind of one line of the statement of account; the same words as the ledger's entries."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    RETURNED_PAYMENT = "returned_payment"
    WRITE_OFF = "write_off"
    FEE = "fee"
    INTEREST = "interest"


PRINCIPAL_KINDS = frozenset(
    {LineKind.INVOICE, LineKind.CREDIT_NOTE, LineKind.PAYMENT, LineKind.RETURNED_PAYMENT, LineKind.WRITE_OFF}
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: signed cents (a payment is negative) on its value date; `note` names a fee's reason."""

    kind: LineKind
    on: date
    cents: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoticeAmounts:
    """The demand of one notice. Interest and fees appear only where the law lets them (0 otherwise)."""

    lines: tuple[Line, ...]

    @property
    def principal_cents(self) -> int:
        """What is still open of the invoice itself."""
        return sum(line.cents for line in self.lines if line.kind in PRINCIPAL_KINDS)

    @property
    def fees_cents(self) -> int:
        """Dunning fees (Mahnkosten)."""
        return sum(line.cents for line in self.lines if line.kind is LineKind.FEE)

    @property
    def interest_cents(self) -> int:
        """Default interest (Verzugszinsen)."""
        return sum(line.cents for line in self.lines if line.kind is LineKind.INTEREST)

    @property
    def total_cents(self) -> int:
        """What the debtor is asked to pay: principal + fees + interest."""
        return sum(line.cents for line in self.lines)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a notice goes to."""

    name: str
    customer_number: str
    street: str
    street_2: str
    postal_code: str
    city: str
    country: str
    email: str
    language: str
    """`de` or `en`."""
    business: bool
    """True for a business; consumers and unknown debtors are False."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Everything a notice says, as facts. `written_on` is the Berlin day it is dated."""

    template: Template
    level: int
    written_on: date
    pay_until: date | None
    addressee: Addressee
    invoice_number: str
    issued_on: date
    due_on: date
    order_number: str
    order_on: date | None
    delivered_on: date | None
    subject: str
    """What was sold, in a few words; may be empty."""
    currency: str
    amounts: NoticeAmounts
    payments_until: date
    """Payments booked up to this day are taken into account."""
    agency_cost_cents: int | None = None
    """Expected agency cost, an estimate for the final warning; None where not announced."""
