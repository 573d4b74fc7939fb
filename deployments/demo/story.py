"""What the sample shop tells: per day its files and what staff do; and what becomes of each invoice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from dunning.reasons import HoldKind


class Fate(StrEnum):
    """What becomes of an invoice. Fixed in advance: the payer reacts to the calendar, not to a notice."""

    PAID_IN_TIME = "paid_in_time"
    PAID_AFTER_REMINDER = "paid_after_reminder"
    PAID_AFTER_SECOND_NOTICE = "paid_after_second_notice"
    PART_PAID = "part_paid"
    DISPUTED = "disputed"
    """Staff hold the claim some weeks; then it is released and paid, released and not paid, or credited."""
    CREDITED = "credited"
    """Goods came back: a credit note over all or some of it."""
    NEVER_PAID = "never_paid"
    WRONG_REFERENCE = "wrong_reference"
    """Paid in time, with a reference that names no invoice: a proposal for the clerk."""
    OVERPAID = "overpaid"
    """More than the amount, or the same amount twice."""


class Mishap(StrEnum):
    """Files that an import must notice."""

    SAME_INVOICE_TWICE = "same_invoice_twice"
    """The CII twin of an invoice that came as UBL: taken once."""
    NOT_OUR_INVOICE = "not_our_invoice"
    """A supplier's invoice to the shop."""
    NUMBER_CONFLICT = "number_conflict"
    """A known number with another amount."""
    BROKEN_FILE = "broken_file"
    """An invoice cut in the middle; the whole file comes a day later."""
    OVERLAPPING_STATEMENT = "overlapping_statement"
    """A bank file over three days, two of which came before."""


class Act(StrEnum):
    """What staff do by hand."""

    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class StaffAct:
    """One thing that a clerk does on a day, after the day's files came in and before the dunning run."""

    act: Act
    invoice_number: str
    hold: HoldKind
    """A dispute; or manual, where money came whose reference names no invoice."""
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class Day:
    """One working day (Monday to Friday) of the shop."""

    on: date
    files: tuple[Path, ...]
    """In the order in which they must be taken in: customers, invoices and credit notes, bank."""
    staff: tuple[StaffAct, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """The sample shop as written to a folder."""

    folder: Path
    settings: Path
    """`.env` file with the shop's MAHNLAUF_ settings (creditor, agency name, payment term)."""
    days: tuple[Day, ...]
    fates: Mapping[str, Fate]
    """By invoice number, every invoice of the shop once."""
    open_cents: Mapping[str, int]
    """By invoice number: what is left of the invoice itself after the last day, without fees and interest.
    Counted are credit notes, and payments that name the invoice while it is open; below zero where too much
    came."""
    unmatched: int
    """Incoming payments up to the last day that name no open invoice: proposals for a clerk."""
    mishaps: Mapping[Mishap, Path]
    customers: int
    credit_notes: int
