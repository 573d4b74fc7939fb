"""Which days count: ends of periods (§§ 187, 188, 193 BGB), bank days (TARGET), days of mail, quiet days.

`GermanCalendar` is the law; `PlainCalendar` counts every day and moves nothing, for stories told in bare
days. A debtor's state is a two-letter code; `None` or empty is unknown.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Protocol

from dunning.errors import RuleViolation
from dunning.holidays_de import STATES, easter, public_holidays

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


class Calendar(Protocol):
    """What deciding needs to know about days. Every answer is a day on or after the one given, but for
    `previous_bank_day`."""

    def end_of_period(self, event_on: date, days: int, debtor_state: str | None) -> date:
        """Last day of a period of `days` >= 0 after an event on `event_on` (0: a day agreed as such)."""

    def shift(self, day: date, debtor_state: str | None) -> date:
        """The day itself, or the next working day where nobody has to pay on it (§ 193 BGB)."""

    def is_bank_day(self, day: date) -> bool:
        """Whether banks settle payments on `day`."""

    def add_bank_days(self, day: date, n: int) -> date:
        """The n-th bank day after `day`, n >= 0; 0 is the day itself, open or closed."""

    def previous_bank_day(self, day: date) -> date:
        """The latest bank day strictly before `day`."""

    def add_delivery_days(self, day: date, n: int, debtor_state: str | None) -> date:
        """The n-th day after `day` on which letters are delivered, n >= 0; 0 is the day itself."""

    def is_quiet(self, day: date) -> bool:
        """Whether debtors are left in peace on `day`."""

    def first_loud_day(self, day: date) -> date:
        """The day itself, or the first one after it that is not quiet."""


@dataclass(frozen=True, slots=True)
class PlainCalendar:
    """Every day counts, nothing is shifted, no day is quiet."""

    def end_of_period(self, event_on: date, days: int, debtor_state: str | None) -> date:
        return _after(event_on, days)

    def shift(self, day: date, debtor_state: str | None) -> date:
        return day

    def is_bank_day(self, day: date) -> bool:
        return True

    def add_bank_days(self, day: date, n: int) -> date:
        return _after(day, n)

    def previous_bank_day(self, day: date) -> date:
        return day - _DAY

    def add_delivery_days(self, day: date, n: int, debtor_state: str | None) -> date:
        return _after(day, n)

    def is_quiet(self, day: date) -> bool:
        return False

    def first_loud_day(self, day: date) -> date:
        return day


@dataclass(frozen=True, slots=True)
class GermanCalendar:
    """German law, for a creditor in the state `creditor_state` (BW, BY, ...); empty: unknown, so any state's."""

    creditor_state: str

    def __post_init__(self) -> None:
        if self.creditor_state and self.creditor_state not in STATES:
            raise RuleViolation(f"unknown federal state {self.creditor_state!r} of the creditor")

    def end_of_period(self, event_on: date, days: int, debtor_state: str | None) -> date:
        """The event's day is not counted (§ 187 (1)), the last day whole (§ 188 (1)), and moved (§ 193)."""
        return self.shift(_after(event_on, days), debtor_state)

    def shift(self, day: date, debtor_state: str | None) -> date:
        """§ 193 BGB: off Saturday, Sunday and holidays of the debtor's or the creditor's state.

        The place of performance is the debtor's (§§ 269, 270 (4)); the creditor's holidays count in the
        debtor's favour, and where the debtor's state is unknown, any state's do.
        """
        while day.weekday() >= _SATURDAY or day in self._holidays(day.year, debtor_state):
            day += _DAY
        return day

    def is_bank_day(self, day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in _target_holidays(day.year)

    def add_bank_days(self, day: date, n: int) -> date:
        return _nth(day, n, self.is_bank_day)

    def previous_bank_day(self, day: date) -> date:
        day -= _DAY
        while not self.is_bank_day(day):
            day -= _DAY
        return day

    def add_delivery_days(self, day: date, n: int, debtor_state: str | None) -> date:
        """Mondays to Saturdays without the holidays of either state; where one is unknown, of any state."""
        return _nth(
            day, n, lambda each: each.weekday() != _SUNDAY and each not in self._holidays(each.year, debtor_state)
        )

    def is_quiet(self, day: date) -> bool:
        """Sundays and public holidays of the creditor's state."""
        return day.weekday() == _SUNDAY or day in self._holidays(day.year, self.creditor_state)

    def first_loud_day(self, day: date) -> date:
        while self.is_quiet(day):
            day += _DAY
        return day

    def _holidays(self, year: int, debtor_state: str | None) -> frozenset[date]:
        if not debtor_state or not self.creditor_state:
            return _holidays_anywhere(year)
        return _holidays_of_both(year, debtor_state, self.creditor_state)


def add_months(day: date, n: int) -> date:
    """The day of the same number `n` months on (§ 188 (2) BGB), else that month's last day (§ 188 (3)).

    Not moved off weekends: that is `Calendar.shift`. A negative `n` goes back by the same rule.
    """
    years, month = divmod(day.month - 1 + n, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _after(day: date, days: int) -> date:
    _refuse_negative(days)
    return day + timedelta(days=days)


def _nth(day: date, n: int, counts: Callable[[date], bool]) -> date:
    """The n-th day after `day` that counts; 0 is the day itself, whether it counts or not."""
    _refuse_negative(n)
    for _ in range(n):
        day += _DAY
        while not counts(day):
            day += _DAY
    return day


def _refuse_negative(days: int) -> None:
    if days < 0:
        raise RuleViolation(f"a period of {days} days")


@cache
def _holidays_of_both(year: int, debtor_state: str, creditor_state: str) -> frozenset[date]:
    return public_holidays(year, debtor_state) | public_holidays(year, creditor_state)


@cache
def _holidays_anywhere(year: int) -> frozenset[date]:
    return frozenset[date]().union(*(public_holidays(year, state) for state in STATES))


@cache
def _target_holidays(year: int) -> frozenset[date]:
    """Closing days of TARGET, the euro's settlement system, beside weekends: six, the same since 2002."""
    sunday = easter(year)
    return frozenset(
        {
            date(year, 1, 1),
            sunday - 2 * _DAY,
            sunday + _DAY,
            date(year, 5, 1),
            date(year, 12, 25),
            date(year, 12, 26),
        }
    )
