"""Limitation (Verjährung, §§ 195 to 214 BGB): the last day before a claim is barred, and when to warn of it.

Days are the last day on which the claim is not barred yet. Notices and a collection agency stop nothing: only what a
person has confirmed with evidence makes the day later, and nothing makes it earlier.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from dunning.calendar import Calendar, add_months
from dunning.errors import InputRejected

WARNING_DAYS = (180, 90, 60, 30, 14)
"""Days before the last one at which a claim is warned of, the first warning first."""
YEAR_END_LIST_MONTH = 10
"""From 1 October on everything that ends with the year is listed: courts need time."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LimitationRule:
    """How long a claim lives."""

    years: int
    from_year_end: bool
    """The period begins with the end of the year in which the claim fell due, not on the day it did."""


GERMAN = LimitationRule(3, from_year_end=True)
"""§§ 195, 199 (1) BGB. The ten years of § 199 (4) need no rule: a shop knows whom it has supplied."""


@dataclass(frozen=True, slots=True)
class Restart:
    """The debtor acknowledged the claim, by part payment, interest or word (§ 212 (1) no. 1 BGB).

    Only what a person has confirmed with evidence: a payment that came in is none by itself.
    """

    acknowledged_on: date


@dataclass(frozen=True, slots=True)
class Suspension:
    """Days that are not counted (§ 209 BGB): negotiations (§ 203), a lawsuit or a served payment order (§ 204).

    Half-open; the six months after proceedings (§ 204 (2)) belong into it. The three months that § 203 sentence 2
    leaves at the least are not added: the day found is never later than the law's.
    """

    from_on: date
    until_on: date
    """The first day that is counted again."""

    def __post_init__(self) -> None:
        if self.until_on < self.from_on:
            raise InputRejected(
                "suspension_backwards",
                f"a suspension ends on {self.until_on}, before it begins on {self.from_on}",
                "swap the two days",
            )


def ends_on(
    due_on: date,
    rule: LimitationRule = GERMAN,
    restarts: Iterable[Restart] = (),
    suspensions: Iterable[Suspension] = (),
) -> date:
    """Last day before limitation, as the calendar has it: without § 193 BGB.

    An acknowledgement counts once the period runs and until it is over; what is barred stays barred.
    """
    begins_after = date(due_on.year, 12, 31) if rule.from_year_end else due_on
    uncounted = sorted(suspensions, key=lambda each: each.from_on)
    end = _end(begins_after, rule.years, uncounted)
    for day in sorted(each.acknowledged_on for each in restarts):
        if begins_after < day <= end:
            end = max(end, _end(day, rule.years, uncounted))  # 29 February: a restart may not cost a day
    return end


def shifted_end(last_day: date, calendar: Calendar, debtor_state: str | None = None) -> date:
    """The day with § 193 BGB, which holds here too (BGH III ZR 146/07): to know, never to rely on."""
    return calendar.shift(last_day, debtor_state)


def warning_due(last_day: date, as_of: date) -> int | None:
    """The tightest of `WARNING_DAYS` that is reached; None before the first, and once the last day is over."""
    left = (last_day - as_of).days
    return min((each for each in WARNING_DAYS if 0 <= left <= each), default=None)


def ends_this_year(last_day: date, as_of: date) -> bool:
    """Whether the claim belongs on the list of the year's end: from 1 October on, while it is not barred yet."""
    return as_of.month >= YEAR_END_LIST_MONTH and as_of <= last_day <= date(as_of.year, 12, 31)


def _end(begins_after: date, years: int, suspensions: Iterable[Suspension]) -> date:
    """§§ 187 (1), 188 (2) BGB: the day that it begins with is not counted; § 209: nor are suspended days."""
    end, counted_until = add_months(begins_after, 12 * years), begins_after + _DAY
    for each in suspensions:
        start = max(each.from_on, counted_until)
        if start <= end:
            counted_until = max(start, each.until_on)
            end += counted_until - start
    return end
