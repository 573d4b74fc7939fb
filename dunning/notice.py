"""What a notice (Mahnung) says: its amounts line by line and the facts of the claim. No wording, no layout.

The amounts are a statement of account: the lines add up to what is demanded, to the cent, and the same value goes
into mail text, HTML, ledger snapshot and letter.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dunning.default import Default
from dunning.interest import InterestStatement
from dunning.ledger import COST_KINDS, PRINCIPAL_KINDS, Line, LineKind


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


@dataclass(frozen=True, slots=True)
class NoticeAmounts:
    """The demand of one notice. Interest and fees appear only where the law lets them (0 otherwise).

    Principal, fees and interest are what is open of each once the payments are credited (§ 367 (1) BGB).
    """

    lines: tuple[Line, ...]
    paid_to_costs_cents: int = 0
    """What of the payments was credited to side costs, and not to the principal; from 0 on."""
    paid_to_interest_cents: int = 0
    """What of the payments was credited to interest; from 0 on."""
    waived_interest_cents: int = 0
    """What of the waivers is interest that is no longer demanded; from 0 on."""

    @property
    def principal_cents(self) -> int:
        """What is still open of the invoice itself."""
        booked_cents = sum(line.cents for line in self.lines if line.kind in PRINCIPAL_KINDS)
        return booked_cents + self.paid_to_costs_cents + self.paid_to_interest_cents

    @property
    def fees_cents(self) -> int:
        """Side costs: dunning costs, lump sum, bank fees, less what was waived or paid of them."""
        booked_cents = sum(line.cents for line in self.lines if line.kind in COST_KINDS or line.kind is LineKind.WAIVER)
        return booked_cents + self.waived_interest_cents - self.paid_to_costs_cents

    @property
    def accrued_interest_cents(self) -> int:
        """Default interest (Verzugszinsen) as it was computed, paid or not."""
        return sum(line.cents for line in self.lines if line.kind is LineKind.INTEREST)

    @property
    def interest_cents(self) -> int:
        """Default interest that is still open."""
        return self.accrued_interest_cents - self.paid_to_interest_cents - self.waived_interest_cents

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
    default: Default | None = None
    """Since when and why the debtor is in default; None: not in default."""
    interest: InterestStatement | None = None
    """How the interest among the amounts was computed; None where none is demanded."""
    agency_cost_cents: int | None = None
    """Expected agency cost, an estimate for the final warning; None where not announced."""

    def contradictions(self) -> tuple[str, ...]:
        """Names of the demands that nothing stands behind or nobody can meet; a notice that has one is never sent.

        Interest needs default (§ 288 (1) BGB) and a statement with the same cents; the lump sum is never a consumer's
        (§ 288 (5)).
        """
        kinds = {line.kind for line in self.amounts.lines}
        stated, demanded = self.interest, LineKind.INTEREST in kinds
        found = {
            "interest_without_default": (demanded or stated is not None) and self.default is None,
            "interest_without_statement": demanded and stated is None,
            "interest_not_as_stated": stated is not None and stated.cents != self.amounts.accrued_interest_cents,
            "interest_rows": stated is not None and sum(row.cents for row in stated.segments) != stated.cents,
            "interest_before_default": bool(stated and self.default and stated.from_on < self.default.from_on),
            "deadline_passed": self.pay_until is not None and self.pay_until <= self.written_on,
            "lump_sum_of_consumer": LineKind.LUMP_SUM in kinds and not self.addressee.business,
        }
        return tuple(name for name, there in found.items() if there)
