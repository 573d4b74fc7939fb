"""Public holidays (gesetzliche Feiertage) of the sixteen German states, from the states' own holiday acts.

Good for 2019 to 2030; a state that adds a day is one row more. Mariä Himmelfahrt is a holiday in Bavaria only
in mainly Catholic towns and counts here for the whole state: a deadline that ends a day late harms nobody.
Holidays of single towns (Augsburg; Fronleichnam in parts of SN and TH) are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from dunning.errors import RuleViolation

STATES = frozenset({"BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"})
"""Two-letter codes, ISO 3166-2:DE without its `DE-`."""


@cache
def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Gauss, in Butcher's form)."""
    century, in_century = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    golden = year % 19
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leaps, rest = divmod(in_century, 4)
    weekday = (32 + 2 * century_rest + 2 * leaps - epact - rest) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


@dataclass(frozen=True, slots=True)
class _Holiday:
    """One row of the table: a fixed day or a distance from Easter, where, and in which years."""

    states: frozenset[str]
    month: int = 0
    day: int = 0
    after_easter: int = 0
    """Days after Easter Sunday; counts where `month` is 0."""
    since: int = 1990
    until: int = 9999
    """First and last year, both included."""

    def on(self, year: int) -> date:
        if self.month:
            return date(year, self.month, self.day)
        return easter(year) + timedelta(days=self.after_easter)


def _in(codes: str) -> frozenset[str]:
    return frozenset(codes.split())


_HOLIDAYS = (
    _Holiday(STATES, 1, 1),  # Neujahr
    _Holiday(_in("BW BY ST"), 1, 6),  # Heilige Drei Könige
    _Holiday(_in("BE"), 3, 8, since=2019),  # Frauentag
    _Holiday(_in("MV"), 3, 8, since=2023),
    _Holiday(STATES, after_easter=-2),  # Karfreitag
    _Holiday(_in("BB"), after_easter=0),  # Ostersonntag
    _Holiday(STATES, after_easter=1),  # Ostermontag
    _Holiday(STATES, 5, 1),  # Tag der Arbeit
    _Holiday(_in("BE"), 5, 8, since=2020, until=2020),  # 75 years since the liberation
    _Holiday(_in("BE"), 5, 8, since=2025, until=2025),  # 80 years
    _Holiday(STATES, after_easter=39),  # Christi Himmelfahrt
    _Holiday(_in("BB"), after_easter=49),  # Pfingstsonntag
    _Holiday(STATES, after_easter=50),  # Pfingstmontag
    _Holiday(_in("BW BY HE NW RP SL"), after_easter=60),  # Fronleichnam
    _Holiday(_in("BE"), 6, 17, since=2028, until=2028),  # 75 years since the uprising of 1953
    _Holiday(_in("SL BY"), 8, 15),  # Mariä Himmelfahrt
    _Holiday(_in("TH"), 9, 20, since=2019),  # Weltkindertag
    _Holiday(STATES, 10, 3),  # Tag der Deutschen Einheit
    _Holiday(_in("BB MV SN ST TH"), 10, 31),  # Reformationstag
    _Holiday(_in("HB HH NI SH"), 10, 31, since=2018),
    _Holiday(STATES, 10, 31, since=2017, until=2017),  # 500 years of the Reformation
    _Holiday(_in("BW BY NW RP SL"), 11, 1),  # Allerheiligen
    _Holiday(STATES, 12, 25),
    _Holiday(STATES, 12, 26),
)


def _repentance_day(year: int) -> date:
    """Buß- und Bettag: the Wednesday before 23 November."""
    eve = date(year, 11, 22)
    return eve - timedelta(days=(eve.weekday() - 2) % 7)


def _holidays(year: int, state: str) -> Iterator[date]:
    for holiday in _HOLIDAYS:
        if state in holiday.states and holiday.since <= year <= holiday.until:
            yield holiday.on(year)
    if state == "SN":
        yield _repentance_day(year)


@cache
def public_holidays(year: int, state: str) -> frozenset[date]:
    """The public holidays of one state in one year, Sundays among them included."""
    if state not in STATES:
        raise RuleViolation(f"unknown federal state {state!r}", f"Use one of {', '.join(sorted(STATES))}.")
    return frozenset(_holidays(year, state))


def is_holiday(day: date, state: str) -> bool:
    """Whether `day` is a public holiday in `state` (BW, BY, ...)."""
    return day in public_holidays(day.year, state)
