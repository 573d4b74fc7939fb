"""Default interest (Verzugszinsen, §§ 247, 288, 289 BGB): exact, and with every step of how it came about.

Every calendar day in default costs principal x rate / days of its year (act/act). Days are half-open: the first day is
charged, `until_on` is not, and the value date of a payment is charged no more on what was paid, unless the caller wants
it counted. Fractions of cents add up exactly and are rounded once, half up; the displayed rows are differences of the
rounded running total, so that they add up to the displayed total.
"""

from calendar import isleap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

from dunning.base_rates import BUILT_IN, BaseRate, Rates, next_half_year
from dunning.debtor import DebtorKind
from dunning.errors import InputRejected
from dunning.ledger import PRINCIPAL_KINDS, Line, LineKind

MARGIN_BPS = 500
"""§ 288 (1) sentence 2 BGB: five percentage points above the base rate."""
BUSINESS_MARGIN_BPS = 900
"""§ 288 (2) BGB: nine points where no consumer takes part and payment for goods or services is owed."""
OLD_BUSINESS_MARGIN_BPS = 800
"""§ 288 (2) BGB as it stood until 2014-07-28: eight points."""
LAST_OLD_DAY = date(2014, 7, 28)
"""Art. 229 § 34 sentence 1 EGBGB: obligations that arose up to this day keep the old margin ..."""
LAST_OLD_PERFORMANCE = date(2016, 6, 30)
"""... sentence 2: but for continuing obligations, as far as the creditor performed after this day."""
BPS = 10_000

_MOVED_MONEY = frozenset({LineKind.PAYMENT, LineKind.RETURNED_PAYMENT})
_DAY = timedelta(days=1)


class DayCount(StrEnum):
    """How long a year is. The statute is silent; act/365 is for comparing only, and never the lower of the two."""

    ACT_ACT = "act/act"
    """365 days, 366 in a leap year."""
    ACT_365 = "act/365"
    """Always 365 days."""

    def days_of(self, year: int) -> int:
        """Days by which a year's rate is divided."""
        return 366 if self is DayCount.ACT_ACT and isleap(year) else 365


class Margin(Protocol):
    """What decides how many points stand above the base rate: a debt by German law, another country's rule."""

    def margin_bps(self, first_day: date) -> int:
        """Points above the base rate for interest from `first_day` on."""


@dataclass(frozen=True, slots=True)
class Debt:
    """What decides how many points stand above the base rate."""

    debtor: DebtorKind
    """An unknown one is a consumer."""
    for_payment: bool = True
    """The price of goods or services is owed (Entgeltforderung), not damages or a bank's return fee."""
    arisen_on: date | None = None
    """The day the obligation arose; None where it is not known: then the first day charged, the latest it can be."""
    performed_on: date | None = None
    """Of a continuing obligation (Dauerschuldverhältnis): the day of the performance that is to be paid."""

    def margin_bps(self, first_day: date) -> int:
        """Points above the base rate for interest from `first_day` on."""
        if self.debtor.treated_as is not DebtorKind.BUSINESS or not self.for_payment:
            return MARGIN_BPS
        arose_late = (self.arisen_on or first_day) > LAST_OLD_DAY
        performed_late = self.performed_on is not None and self.performed_on > LAST_OLD_PERFORMANCE
        return BUSINESS_MARGIN_BPS if arose_late or performed_late else OLD_BUSINESS_MARGIN_BPS


@dataclass(frozen=True, slots=True)
class FreeDays:
    """Days that bear no interest: an agreed deferral, or everything from the opening of insolvency on (§ 39 InsO)."""

    from_on: date
    until_on: date | None = None
    """The first day that bears interest again; None: never again."""

    def holds_on(self, day: date) -> bool:
        """Whether that day bears no interest."""
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True, slots=True)
class Segment:
    """Days of one half-year with one principal, hence one rate and one length of the year."""

    from_on: date
    until_on: date
    """The first day that is not charged."""
    principal_cents: int
    base: BaseRate
    rate_bps: int
    """Base rate and margin together."""
    year_days: int
    exact_cents: Fraction
    cents: int
    """The displayed row: what it adds to the rounded running total."""

    @property
    def days(self) -> int:
        """Days charged."""
        return (self.until_on - self.from_on).days


@dataclass(frozen=True, slots=True)
class InterestStatement:
    """Interest for `[from_on, until_on)`; the rows of `segments` add up to `cents`."""

    from_on: date
    until_on: date
    margin_bps: int
    day_count: DayCount
    segments: tuple[Segment, ...]
    """Oldest first; days without an open principal have no row."""
    daily_exact_cents: Fraction | None
    """What each day from `until_on` on costs; None where the base rate of that day is not confirmed."""

    @property
    def exact_cents(self) -> Fraction:
        """The sum before it is rounded."""
        return sum((segment.exact_cents for segment in self.segments), Fraction(0))

    @property
    def cents(self) -> int:
        """The interest that is demanded."""
        return half_up(self.exact_cents)

    @property
    def daily_cents(self) -> int | None:
        """What each day from `until_on` on costs, as a letter says it."""
        return None if self.daily_exact_cents is None else half_up(self.daily_exact_cents)


def default_interest(
    lines: Sequence[Line],
    from_on: date,
    until_on: date,
    debt: Margin,
    *,
    rates: Rates = BUILT_IN,
    free: Sequence[FreeDays] = (),
    day_count: DayCount = DayCount.ACT_ACT,
    count_payment_day: bool = False,
) -> InterestStatement:
    """Interest on the open principal of a ledger, in any order, for the days from `from_on` until before `until_on`.

    Fees and interest among `lines` bear none (§ 289 BGB), nor do the days of `free`. With `count_payment_day`, as
    enforcement practice has it, what was paid bears interest on its value date too; `until_on` stays what it is.
    Raises BaseRateUnknown, and InputRejected for `period_backwards`.
    """
    if until_on < from_on:
        raise InputRejected(
            "period_backwards", f"the period ends on {until_on}, before it begins on {from_on}", "swap the two days"
        )
    if count_payment_day:
        lines = _credited_the_day_after(lines)
    margin = debt.margin_bps(from_on)
    segments: list[Segment] = []
    running = Fraction(0)
    for start, end in pairwise(_cuts(lines, from_on, until_on, free)):
        principal_cents = _bearing_cents(lines, start, free)
        if not principal_cents:
            continue
        base = rates.on(start)
        rate, year_days = _rate_bps(base, margin), day_count.days_of(start.year)
        exact = Fraction(principal_cents * rate * (end - start).days, BPS * year_days)
        cents = half_up(running + exact) - half_up(running)
        running += exact
        segments.append(Segment(start, end, principal_cents, base, rate, year_days, exact, cents))
    daily = _daily(_bearing_cents(lines, until_on, free), until_on, rates, margin, day_count)
    return InterestStatement(from_on, until_on, margin, day_count, tuple(segments), daily)


def principal_on(lines: Iterable[Line], day: date) -> int:
    """Open principal on a day, in cents: a payment counts from its value date on. Negative: paid too much."""
    return sum(line.cents for line in lines if line.kind in PRINCIPAL_KINDS and line.on <= day)


def half_up(cents: Fraction) -> int:
    """The one rounding: to whole cents, a half upwards; for amounts from 0 on."""
    return int(cents + Fraction(1, 2))


def _credited_the_day_after(lines: Sequence[Line]) -> list[Line]:
    """Payments a day later, with what came back of them on the same day; money that only came back stays."""
    moved: Counter[date] = Counter()
    for line in lines:
        if line.kind in _MOVED_MONEY:
            moved[line.on] += line.cents
    return [
        replace(line, on=line.on + _DAY) if line.kind in _MOVED_MONEY and moved[line.on] < 0 else line for line in lines
    ]


def _bearing_cents(lines: Iterable[Line], day: date, free: Iterable[FreeDays]) -> int:
    """What bears interest on a day: the open principal, never less than nothing; nothing on free days."""
    return 0 if any(each.holds_on(day) for each in free) else max(0, principal_on(lines, day))


def _cuts(lines: Sequence[Line], from_on: date, until_on: date, free: Iterable[FreeDays]) -> list[date]:
    """Both ends, and the days between them on which rate, length of the year or what bears interest changes."""
    cuts = {from_on, until_on}
    changes = {line.on for line in lines if principal_on(lines, line.on) != principal_on(lines, line.on - _DAY)}
    ends = {end for each in free for end in (each.from_on, each.until_on) if end is not None}
    cuts |= {day for day in changes | ends if from_on < day < until_on}
    while (from_on := next_half_year(from_on)) < until_on:
        cuts.add(from_on)
    return sorted(cuts)


def _rate_bps(base: BaseRate, margin: int) -> int:
    """A negative base rate lowers the sum and is not cut off; the sum is never below nought."""
    return max(0, base.bps + margin)


def _daily(principal_cents: int, day: date, rates: Rates, margin: int, day_count: DayCount) -> Fraction | None:
    if not principal_cents:
        return Fraction(0)
    base = rates.get(day)
    if base is None:
        return None
    return Fraction(principal_cents * _rate_bps(base, margin), BPS * day_count.days_of(day.year))
