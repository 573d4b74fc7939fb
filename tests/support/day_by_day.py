"""Default interest once more, day by day and as simple as can be, from the statute and not from our code.

For every single day: what is open, which rate does the table print for that day and debtor, how long is the year.
"""

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

PUBLISHED: list[tuple[str, str, str, str]] = [
    ("2002-01-01", "2.57", "7.57", "10.57"),
    ("2002-07-01", "2.47", "7.47", "10.47"),
    ("2003-01-01", "1.97", "6.97", "9.97"),
    ("2003-07-01", "1.22", "6.22", "9.22"),
    ("2004-01-01", "1.14", "6.14", "9.14"),
    ("2004-07-01", "1.13", "6.13", "9.13"),
    ("2005-01-01", "1.21", "6.21", "9.21"),
    ("2005-07-01", "1.17", "6.17", "9.17"),
    ("2006-01-01", "1.37", "6.37", "9.37"),
    ("2006-07-01", "1.95", "6.95", "9.95"),
    ("2007-01-01", "2.70", "7.70", "10.70"),
    ("2007-07-01", "3.19", "8.19", "11.19"),
    ("2008-01-01", "3.32", "8.32", "11.32"),
    ("2008-07-01", "3.19", "8.19", "11.19"),
    ("2009-01-01", "1.62", "6.62", "9.62"),
    ("2009-07-01", "0.12", "5.12", "8.12"),
    ("2010-01-01", "0.12", "5.12", "8.12"),
    ("2010-07-01", "0.12", "5.12", "8.12"),
    ("2011-01-01", "0.12", "5.12", "8.12"),
    ("2011-07-01", "0.37", "5.37", "8.37"),
    ("2012-01-01", "0.12", "5.12", "8.12"),
    ("2012-07-01", "0.12", "5.12", "8.12"),
    ("2013-01-01", "-0.13", "4.87", "7.87"),
    ("2013-07-01", "-0.38", "4.62", "7.62"),
    ("2014-01-01", "-0.63", "4.37", "7.37"),
    ("2014-07-01", "-0.73", "4.27", "8.27"),
    ("2015-01-01", "-0.83", "4.17", "8.17"),
    ("2015-07-01", "-0.83", "4.17", "8.17"),
    ("2016-01-01", "-0.83", "4.17", "8.17"),
    ("2016-07-01", "-0.88", "4.12", "8.12"),
    ("2017-01-01", "-0.88", "4.12", "8.12"),
    ("2017-07-01", "-0.88", "4.12", "8.12"),
    ("2018-01-01", "-0.88", "4.12", "8.12"),
    ("2018-07-01", "-0.88", "4.12", "8.12"),
    ("2019-01-01", "-0.88", "4.12", "8.12"),
    ("2019-07-01", "-0.88", "4.12", "8.12"),
    ("2020-01-01", "-0.88", "4.12", "8.12"),
    ("2020-07-01", "-0.88", "4.12", "8.12"),
    ("2021-01-01", "-0.88", "4.12", "8.12"),
    ("2021-07-01", "-0.88", "4.12", "8.12"),
    ("2022-01-01", "-0.88", "4.12", "8.12"),
    ("2022-07-01", "-0.88", "4.12", "8.12"),
    ("2023-01-01", "1.62", "6.62", "10.62"),
    ("2023-07-01", "3.12", "8.12", "12.12"),
    ("2024-01-01", "3.62", "8.62", "12.62"),
    ("2024-07-01", "3.37", "8.37", "12.37"),
    ("2025-01-01", "2.27", "7.27", "11.27"),
    ("2025-07-01", "1.27", "6.27", "10.27"),
    ("2026-01-01", "1.27", "6.27", "10.27"),
    ("2026-07-01", "1.52", "6.52", "10.52"),
]
"""From, base rate, rate for consumers, rate for businesses (8 points up to 2014-06-30, then 9); per cent a year."""


def published_base(day: date) -> Fraction:
    """The base rate of a day in per cent; KeyError outside the table."""
    first = f"{day.year}-{'01' if day.month <= 6 else '07'}-01"
    return Fraction({row[0]: row[1] for row in PUBLISHED}[first])


def naive_interest(
    changes: Sequence[tuple[date, int]], first: date, end: date, points: int, *, always_365: bool = False
) -> Fraction:
    """Interest in cents for each day from `first` on, before `end`; `changes` are signed cents of the principal."""
    total, day = Fraction(0), first
    while day < end:
        owed = sum(cents for on, cents in changes if on <= day)
        year = 366 if calendar.isleap(day.year) and not always_365 else 365
        if owed > 0:
            total += owed * (published_base(day) + points) / 100 / year
        day += timedelta(days=1)
    return total
