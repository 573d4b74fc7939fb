"""Crediting payments within a claim (Tilgung, §§ 367, 497 BGB): what of them pays costs, interest and principal.

A claim's account is a replay of its ledger by value date, so that it does not depend on when a booking came in. The
bookings of one day take turns: invoice, fee, lump sum, bank fee; credit note, write-off, waiver; payments, those
without designation first, each time the largest amount first; returned payments last, for a direct debit often returns
on its own value date. Interest bears no interest, nor do costs (§ 289 BGB), and a paid cent bears none from its value
date on. What is open of the interest is the whole interest, rounded once, less what was credited: no cent is lost or
made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from dunning.base_rates import BUILT_IN, BaseRates, half_year_of, next_half_year
from dunning.errors import RuleViolation
from dunning.interest import Debt, FreeDays, default_interest, half_up
from dunning.ledger import COST_KINDS, Designation, Line, LineKind


class Order(StrEnum):
    """In which order a payment without designation is credited within a claim."""

    STATUTE = "statute"
    """§ 367 (1) BGB: costs, interest, principal."""
    CONSUMER_CREDIT = "consumer_credit"
    """§ 497 (3) sentence 1 BGB: costs, principal, interest."""


class _Part(StrEnum):
    COSTS = "costs"
    INTEREST = "interest"
    PRINCIPAL = "principal"


_ORDERS = {
    Order.STATUTE: (_Part.COSTS, _Part.INTEREST, _Part.PRINCIPAL),
    Order.CONSUMER_CREDIT: (_Part.COSTS, _Part.PRINCIPAL, _Part.INTEREST),
}
_PRINCIPAL_FIRST = (_Part.PRINCIPAL, _Part.COSTS, _Part.INTEREST)

_TURN = {
    kind: turn
    for turn, kind in enumerate(
        (
            LineKind.INVOICE,
            LineKind.FEE,
            LineKind.LUMP_SUM,
            LineKind.BANK_FEE,
            LineKind.CREDIT_NOTE,
            LineKind.WRITE_OFF,
            LineKind.WAIVER,
            LineKind.PAYMENT,
            LineKind.RETURNED_PAYMENT,
        )
    )
}


@dataclass(frozen=True, slots=True)
class InterestTerms:
    """How a claim bears default interest."""

    from_on: date
    """The first day of default."""
    debt: Debt
    rates: BaseRates = BUILT_IN
    free: tuple[FreeDays, ...] = ()


@dataclass(frozen=True, slots=True)
class Credited:
    """How one payment was credited; the three add up to what was paid. Of a returned one: what it undid, below 0."""

    line: Line
    costs_cents: int
    interest_cents: int
    principal_cents: int
    """With what was paid too much."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is owed of a claim on a day."""

    as_of: date
    principal_cents: int
    """Negative: a credit balance. Principal that comes later uses it up; of costs and interest, only the total does."""
    costs_cents: int
    interest_cents: int
    """For the days before `as_of`, less what was credited and waived."""
    credited: tuple[Credited, ...]
    """Of each payment and returned payment, by value date."""
    principal_lines: tuple[Line, ...]
    """What moved the principal, payments with their share of it: what `default_interest` wants."""
    waived_interest_cents: int = 0

    @property
    def total_cents(self) -> int:
        """The balance; negative: to be paid back."""
        return self.principal_cents + self.costs_cents + self.interest_cents


def account(
    lines: Sequence[Line],
    as_of: date,
    terms: InterestTerms | None = None,
    *,
    order: Order = Order.STATUTE,
    protect_designated: bool = True,
) -> Account:
    """A claim's account on a day, with every booking of a value date up to it, in whatever order they came.

    Without `terms` it bears no interest. A payment designated for the principal pays that first, then costs and
    interest; so does one whose amount is exactly the open principal, and, if `protect_designated`, one designated for
    the claim: contested side costs do not eat it. A returned payment undoes the latest payment of the same amount.
    Raises BaseRateUnknown where a day before `as_of` that bears interest has no confirmed rate.
    """
    if any(line.kind is LineKind.INTEREST for line in lines):
        raise RuleViolation("a ledger has a line of interest", "interest is computed for a day, never booked")
    replay = _Replay(terms, order, protect_designated)
    for line in sorted((line for line in lines if line.on <= as_of), key=_turn):
        replay.book(line)
    return replay.account(as_of)


def standing(
    lines: Sequence[Line],
    terms: InterestTerms | None = None,
    *,
    order: Order = Order.STATUTE,
    protect_designated: bool = True,
) -> Account:
    """The account with every booking, as of the day of the last one; of an empty ledger nothing is owed, on date.min.

    Days without a confirmed base rate bear nothing here, in the debtor's favour, until the rate is confirmed.
    """
    last = max((line.on for line in lines), default=date.min)
    if terms is not None:
        terms = replace(terms, free=(*terms.free, *_unconfirmed(terms, last)))
    return account(lines, last, terms, order=order, protect_designated=protect_designated)


class _Replay:
    """The balances while the bookings go by, oldest first."""

    def __init__(self, terms: InterestTerms | None, order: Order, protect_designated: bool) -> None:
        self.terms, self.order, self.protect_designated = terms, order, protect_designated
        self.principal_cents = self.costs_cents = 0
        self.accrued_until = date.min
        self.accrued, self.accrued_cents = Fraction(0), 0
        """Interest for all days before `accrued_until`: exact, and the one rounding of it."""
        self.credited_interest_cents = self.waived_interest_cents = 0
        self.credited: list[Credited] = []
        self.principal_lines: list[Line] = []
        self.not_returned: dict[int, list[Credited]] = {}
        """Payments by their amount, oldest first."""

    def book(self, line: Line) -> None:
        """The next booking."""
        self._accrue(line.on)
        if line.kind in COST_KINDS:
            self.costs_cents += line.cents
        elif line.kind is LineKind.WAIVER:
            self._waive(-line.cents)
        elif line.kind is LineKind.PAYMENT:
            self._pay(line)
        elif line.kind is LineKind.RETURNED_PAYMENT:
            self._undo(line)
        else:
            self.principal_cents += line.cents
            self.principal_lines.append(line)

    def account(self, as_of: date) -> Account:
        """What is owed on a day that is not before the last booking."""
        self._accrue(as_of)
        return Account(
            as_of,
            self.principal_cents,
            self.costs_cents,
            self._interest_cents,
            tuple(self.credited),
            tuple(self.principal_lines),
            self.waived_interest_cents,
        )

    @property
    def _interest_cents(self) -> int:
        return self.accrued_cents - self.credited_interest_cents - self.waived_interest_cents

    def _accrue(self, until_on: date) -> None:
        """Interest on the principal as it stands, up to the day before `until_on`."""
        if self.terms is None:
            return
        terms, since = self.terms, max(self.accrued_until, self.terms.from_on)
        self.accrued_until = max(since, until_on)
        # Where the day is not known, the obligation arose on the first day of default, not on that of a later payment.
        debt = replace(terms.debt, arisen_on=terms.debt.arisen_on or terms.from_on)
        owed = [Line(LineKind.INVOICE, since, self.principal_cents)]
        interest = default_interest(owed, since, self.accrued_until, debt, rates=terms.rates, free=terms.free)
        self.accrued += interest.exact_cents
        self.accrued_cents = half_up(self.accrued)

    def _waive(self, cents: int) -> None:
        """Costs first, then interest, of each no more than is open; never principal."""
        costs_cents = min(cents, self.costs_cents)
        self.costs_cents -= costs_cents
        self.waived_interest_cents += min(cents - costs_cents, self._interest_cents)

    def _pay(self, line: Line) -> None:
        open_cents = {
            _Part.COSTS: self.costs_cents,
            _Part.INTEREST: self._interest_cents,
            _Part.PRINCIPAL: max(0, self.principal_cents),
        }
        left = -line.cents
        for part in self._order_of(line):
            open_cents[part] = min(left, open_cents[part])
            left -= open_cents[part]
        costs, interest, principal = open_cents.values()
        credited = Credited(line, costs, interest, principal + left)
        self.not_returned.setdefault(-line.cents, []).append(credited)
        self._credit(credited)

    def _undo(self, line: Line) -> None:
        """Restore what the payment had settled; one that we do not know of is owed as principal."""
        payments = self.not_returned.get(line.cents)
        paid = payments.pop() if payments else Credited(line, 0, 0, line.cents)
        self._credit(Credited(line, -paid.costs_cents, -paid.interest_cents, -paid.principal_cents))

    def _credit(self, credited: Credited) -> None:
        self.costs_cents -= credited.costs_cents
        self.credited_interest_cents += credited.interest_cents
        self.principal_cents -= credited.principal_cents
        self.credited.append(credited)
        self.principal_lines.append(replace(credited.line, cents=-credited.principal_cents))

    def _order_of(self, line: Line) -> tuple[_Part, ...]:
        """§ 367 (2) BGB: the debtor's designation goes before the statute's order, if the creditor keeps the money."""
        designated = line.designation is Designation.PRINCIPAL or -line.cents == self.principal_cents
        if designated or (self.protect_designated and line.designation is Designation.CLAIM):
            return _PRINCIPAL_FIRST
        return _ORDERS[self.order]


def _turn(line: Line) -> tuple[date, int, str, int, str]:
    return line.on, _TURN[line.kind], line.designation, line.cents, line.note


def _unconfirmed(terms: InterestTerms, until_on: date) -> Iterator[FreeDays]:
    """The half-years without a confirmed base rate, from the first day of default until before `until_on`."""
    start = half_year_of(terms.from_on)
    while start < until_on:
        if terms.rates.get(start) is None:
            yield FreeDays(start, next_half_year(start))
        start = next_half_year(start)
