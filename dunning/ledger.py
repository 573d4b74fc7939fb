"""The ledger of a claim (Forderungskonto): its lines, and what each kind of line is part of."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class LineKind(StrEnum):
    """Kind of one line of the statement of account; the same words as the ledger's entries."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    RETURNED_PAYMENT = "returned_payment"
    WRITE_OFF = "write_off"
    FEE = "fee"
    """Cost of a notice (Mahnkosten), never more than was paid for it."""
    LUMP_SUM = "lump_sum"
    """§ 288 (5) BGB, businesses only; what the dunning costs have used up of it is left out."""
    BANK_FEE = "bank_fee"
    """What the bank took for a returned payment."""
    WAIVER = "waiver"
    """Side costs that are no longer demanded; negative."""
    INTEREST = "interest"
    """Only in notices: interest is computed for a day, never booked."""


PRINCIPAL_KINDS = frozenset(
    {LineKind.INVOICE, LineKind.CREDIT_NOTE, LineKind.PAYMENT, LineKind.RETURNED_PAYMENT, LineKind.WRITE_OFF}
)
COST_KINDS = frozenset({LineKind.FEE, LineKind.LUMP_SUM, LineKind.BANK_FEE})


class Designation(StrEnum):
    """What the debtor said the money is for (Tilgungsbestimmung, § 366 (1) BGB)."""

    NONE = ""
    CLAIM = "claim"
    """The invoice's number, its reference, or an amount that is exactly what is open of one claim."""
    PRINCIPAL = "principal"
    """The principal alone ("nur Hauptforderung")."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: signed cents (a payment is negative) on its value date; `note` names a fee's reason."""

    kind: LineKind
    on: date
    cents: int
    note: str = ""
    designation: Designation = Designation.NONE
    """Of a payment."""
