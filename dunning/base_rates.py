"""The base rate (Basiszinssatz, § 247 BGB): one confirmed row for each half-year, with its source.

Rates are signed basis points a year: -88 is -0.88 %. A half-year without a row has no rate: the last one is never
used on. What the Bundesbank has not published yet, a person confirms in the database; such rows extend this table and
never contradict it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from dunning.errors import BaseRateUnknown, InputRejected
from dunning.money import plain

FIRST_DAY = date(2002, 1, 1)
"""§ 247 BGB is in force since this day."""
LOWEST_BPS, HIGHEST_BPS = -500, 1_500
"""Beyond these a rate is a slip of the pen: it has been between -0.88 % and 3.62 % since 2002."""

SERIES = "BBIN1.M.DE.BBK.BBKBAS2.EUR.ME"
"""The Bundesbank's time series of the base rate: month ends, per cent a year."""

# github.com/peti/hledger-interest has the same rates up to 2024-07-01; it lacks 2018-07-01.
_SERIES_COPY = f"Bundesbank series {SERIES}, copy of 2025-10-02 (github.com/ameax/bgb-interest)"
_JANUARY_2026 = "secondary: steuerprofis.de on the Bundesbank's rate as of 2026-01-01"
_JULY_2026 = "secondary: several publications that name bundesbank.de/basiszinssatz-607820; not read there"

_PERCENT = re.compile(r"([+-]?)(\d{1,2})(?:[.,](\d{1,2})0*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class BaseRate:
    """The rate of the half-year that begins on `from_on`."""

    from_on: date
    bps: int
    source: str

    def __post_init__(self) -> None:
        if self.from_on != half_year_of(self.from_on) or self.from_on < FIRST_DAY:
            raise InputRejected(
                "not_a_half_year",
                f"no base rate begins on {self.from_on}",
                f"it begins on 1 January or 1 July (§ 247 (1) BGB), on {FIRST_DAY} at the earliest",
            )
        if not LOWEST_BPS <= self.bps <= HIGHEST_BPS:
            raise InputRejected(
                "rate_out_of_range",
                f"a base rate of {percent(self.bps)} % cannot be",
                f"give per cent a year, between {percent(LOWEST_BPS)} and {percent(HIGHEST_BPS)}",
            )


class Rates(Protocol):
    """The base rate of every day: this table, or another country's."""

    def get(self, day: date) -> BaseRate | None:
        """The row of the half-year of `day`; None where none is confirmed."""

    def on(self, day: date) -> BaseRate:
        """The row of the half-year of `day`. Raises BaseRateUnknown."""


@dataclass(frozen=True, slots=True)
class BaseRates:
    """Confirmed rates, oldest first, at most one for each half-year."""

    rows: tuple[BaseRate, ...] = ()

    def get(self, day: date) -> BaseRate | None:
        """The row of the half-year of `day`; None where none is confirmed."""
        start = half_year_of(day)
        return next((row for row in self.rows if row.from_on == start), None)

    def on(self, day: date) -> BaseRate:
        """The row of the half-year of `day`. Raises BaseRateUnknown."""
        if (row := self.get(day)) is not None:
            return row
        start = half_year_of(day)
        if start < FIRST_DAY:
            raise BaseRateUnknown(
                f"{day} has no base rate", f"interest under § 288 BGB is computed from {FIRST_DAY} on"
            )
        raise BaseRateUnknown(
            f"the base rate of the half-year from {start} is not confirmed",
            f"add the row with `mahnlauf base-rate add --from {start} --rate ... --source ... --person ...`",
        )

    def extended(self, more: Iterable[BaseRate]) -> "BaseRates":
        """With further rows; one that is there already is left out. InputRejected where a row has another rate."""
        known = {row.from_on: row for row in self.rows}
        for row in more:
            there = known.setdefault(row.from_on, row)
            if there.bps != row.bps:
                raise InputRejected(
                    "base_rate_contradicts",
                    f"the base rate from {row.from_on} is {percent(there.bps)} %, not {percent(row.bps)} % "
                    f"(source: {there.source})",
                    "compare both with bundesbank.de; a confirmed rate is never replaced",
                )
        return BaseRates(tuple(known[start] for start in sorted(known)))


def half_year_of(day: date) -> date:
    """First day of the half-year that `day` lies in: 1 January or 1 July."""
    return date(day.year, 7 if day.month >= 7 else 1, 1)


def next_half_year(day: date) -> date:
    """First day of the half-year after the one that `day` lies in."""
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


def bps_of(percentage: str) -> int:
    """Basis points of a rate as it is written: "1.27" or "1,27" is 127, "-0.88" is -88.

    Raises InputRejected `rate_not_a_number`, also for a rate finer than two decimals.
    """
    match = _PERCENT.fullmatch(percentage.strip())
    if match is None:
        raise InputRejected(
            "rate_not_a_number", "a base rate is not a number of per cent", "give it with up to two decimals, as 1.27"
        )
    bps = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0"))
    return -bps if match[1] == "-" else bps


def percent(bps: int) -> str:
    """A rate in per cent as documents write it: 1027 is "10.27", -88 is "-0.88"."""
    return plain(bps)


def _halves(year: int, january: int, july: int, source: str) -> tuple[BaseRate, BaseRate]:
    return BaseRate(date(year, 1, 1), january, source), BaseRate(date(year, 7, 1), july, source)


BUILT_IN = BaseRates(
    (
        *_halves(2002, 257, 247, _SERIES_COPY),
        *_halves(2003, 197, 122, _SERIES_COPY),
        *_halves(2004, 114, 113, _SERIES_COPY),
        *_halves(2005, 121, 117, _SERIES_COPY),
        *_halves(2006, 137, 195, _SERIES_COPY),
        *_halves(2007, 270, 319, _SERIES_COPY),
        *_halves(2008, 332, 319, _SERIES_COPY),
        *_halves(2009, 162, 12, _SERIES_COPY),
        *_halves(2010, 12, 12, _SERIES_COPY),
        *_halves(2011, 12, 37, _SERIES_COPY),
        *_halves(2012, 12, 12, _SERIES_COPY),
        *_halves(2013, -13, -38, _SERIES_COPY),
        *_halves(2014, -63, -73, _SERIES_COPY),
        *_halves(2015, -83, -83, _SERIES_COPY),
        *_halves(2016, -83, -88, _SERIES_COPY),
        *_halves(2017, -88, -88, _SERIES_COPY),
        *_halves(2018, -88, -88, _SERIES_COPY),
        *_halves(2019, -88, -88, _SERIES_COPY),
        *_halves(2020, -88, -88, _SERIES_COPY),
        *_halves(2021, -88, -88, _SERIES_COPY),
        *_halves(2022, -88, -88, _SERIES_COPY),
        *_halves(2023, 162, 312, _SERIES_COPY),
        *_halves(2024, 362, 337, _SERIES_COPY),
        *_halves(2025, 227, 127, _SERIES_COPY),
        BaseRate(date(2026, 1, 1), 127, _JANUARY_2026),
        BaseRate(date(2026, 7, 1), 152, _JULY_2026),
    )
)
"""Known when this program was made: 2002-01-01 to 2026-12-31."""
