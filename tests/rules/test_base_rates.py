"""The base rates: every published row, half-years only, and a refusal where nothing is confirmed."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.base_rates import (
    BUILT_IN,
    FIRST_DAY,
    HIGHEST_BPS,
    LOWEST_BPS,
    BaseRate,
    BaseRates,
    bps_of,
    half_year_of,
    next_half_year,
    percent,
)
from dunning.errors import BaseRateUnknown, InputRejected, MahnlaufError
from tests.support.day_by_day import PUBLISHED

LAST_DAY = date(2026, 12, 31)
NEXT = date(2027, 1, 1)
HALF_YEARS = [date(year, month, 1) for year in range(2002, 2060) for month in (1, 7)]
DAY = timedelta(days=1)


def test_the_table_is_the_published_one() -> None:
    assert [(str(row.from_on), Fraction(row.bps, 100)) for row in BUILT_IN.rows] == [
        (first, Fraction(base)) for first, base, _, _ in PUBLISHED
    ]


def test_every_half_year_from_2002_to_2026_has_one_row_with_its_source() -> None:
    assert [row.from_on for row in BUILT_IN.rows] == [day for day in HALF_YEARS if day < NEXT]
    sources = [row.source for row in BUILT_IN.rows]
    assert all(source.startswith("Bundesbank series BBIN1.M.DE.BBK.BBKBAS2.EUR.ME,") for source in sources[:48])
    assert all(source.startswith("secondary: ") for source in sources[48:])


@pytest.mark.parametrize(
    ("day", "bps"),
    [
        (date(2002, 1, 1), 257),
        (date(2002, 6, 30), 257),
        (date(2002, 7, 1), 247),
        (date(2002, 12, 31), 247),
        (date(2003, 1, 1), 197),
        (date(2016, 6, 30), -83),
        (date(2016, 7, 1), -88),
        (date(2022, 12, 31), -88),
        (date(2023, 1, 1), 162),
        (date(2026, 6, 30), 127),
        (date(2026, 7, 1), 152),
        (LAST_DAY, 152),
    ],
)
def test_the_rate_changes_on_1_january_and_1_july_only(day: date, bps: int) -> None:
    assert BUILT_IN.on(day).bps == bps
    found = BUILT_IN.get(day)
    assert found is not None
    assert found.bps == bps


@given(st.dates(FIRST_DAY, LAST_DAY - DAY))
def test_two_days_share_a_row_unless_a_half_year_begins(day: date) -> None:
    same = BUILT_IN.on(day) == BUILT_IN.on(day + DAY)
    assert same is ((day + DAY).day != 1 or (day + DAY).month not in (1, 7))


def test_a_half_year_without_a_row_is_refused_and_says_what_to_do() -> None:
    assert BUILT_IN.get(NEXT) is None
    with pytest.raises(BaseRateUnknown) as refused:
        BUILT_IN.on(date(2027, 3, 5))
    assert refused.value.what == "the base rate of the half-year from 2027-01-01 is not confirmed"
    assert refused.value.todo == (
        "add the row with `mahnlauf base-rate add --from 2027-01-01 --rate ... --source ... --person ...`"
    )
    assert isinstance(refused.value, MahnlaufError)


def test_an_empty_table_knows_nothing_and_asks_for_the_first_half_year() -> None:
    with pytest.raises(BaseRateUnknown, match="from 2002-01-01 is not confirmed"):
        BaseRates().on(FIRST_DAY)


def test_before_the_paragraph_there_is_no_rate_to_add() -> None:
    with pytest.raises(BaseRateUnknown) as refused:
        BUILT_IN.on(date(2001, 12, 31))
    assert refused.value.what == "2001-12-31 has no base rate"
    assert refused.value.todo == "interest under § 288 BGB is computed from 2002-01-01 on"


@given(st.sets(st.sampled_from(HALF_YEARS)), st.dates(FIRST_DAY, date(2059, 12, 31)))
def test_no_row_is_ever_used_for_another_half_year(confirmed: set[date], day: date) -> None:
    rates = BaseRates().extended(
        BaseRate(start, index, "s") for index, start in enumerate(HALF_YEARS, 1) if start in confirmed
    )
    start = max(half_year for half_year in HALF_YEARS if half_year <= day)
    if start in confirmed:
        assert rates.on(day) == BaseRate(start, HALF_YEARS.index(start) + 1, "s")
        return
    assert rates.get(day) is None
    with pytest.raises(BaseRateUnknown):
        rates.on(day)


def test_rows_extend_the_table_in_the_order_of_time() -> None:
    later, next_one = BaseRate(date(2027, 7, 1), 100, "b"), BaseRate(NEXT, 127, "a")
    rates = BUILT_IN.extended([later, next_one, next_one])
    assert rates.rows == (*BUILT_IN.rows, next_one, later)
    assert rates.on(date(2027, 6, 30)) == next_one
    assert BUILT_IN.get(NEXT) is None, "the table that ships stays as it is"


def test_the_same_rate_from_another_source_changes_nothing() -> None:
    assert BUILT_IN.extended([BaseRate(date(2026, 7, 1), 152, "another")]) == BUILT_IN


@pytest.mark.parametrize(
    "rows",
    [[BaseRate(date(2026, 7, 1), 153, "b")], [BaseRate(NEXT, 1, "a"), BaseRate(NEXT, 2, "b")]],
    ids=["built-in", "each other"],
)
def test_a_row_never_contradicts_another(rows: list[BaseRate]) -> None:
    with pytest.raises(InputRejected) as refused:
        BUILT_IN.extended(rows)
    assert refused.value.reason == "base_rate_contradicts"
    assert refused.value.todo == "compare both with bundesbank.de; a confirmed rate is never replaced"


def test_a_contradiction_names_both_rates_and_the_source() -> None:
    known = BaseRates((BaseRate(NEXT, 127, "Bundesanzeiger"),))
    with pytest.raises(InputRejected) as refused:
        known.extended([BaseRate(NEXT, -172, "memory")])
    assert refused.value.what == "the base rate from 2027-01-01 is 1.27 %, not -1.72 % (source: Bundesanzeiger)"


@pytest.mark.parametrize(
    "day", [date(2027, 1, 2), date(2027, 2, 1), date(2027, 6, 30), date(2027, 7, 2), date(2001, 7, 1)]
)
def test_a_row_begins_with_a_half_year(day: date) -> None:
    with pytest.raises(InputRejected) as refused:
        BaseRate(day, 127, "s")
    assert refused.value.reason == "not_a_half_year"
    assert refused.value.what == f"no base rate begins on {day}"
    assert refused.value.todo == "it begins on 1 January or 1 July (§ 247 (1) BGB), on 2002-01-01 at the earliest"


@pytest.mark.parametrize(("bps", "sound"), [(-501, False), (-500, True), (1500, True), (1501, False)])
def test_a_slip_of_the_pen_is_refused(bps: int, sound: bool) -> None:
    assert (LOWEST_BPS, HIGHEST_BPS) == (-500, 1500)
    if sound:
        assert BaseRate(NEXT, bps, "s").bps == bps
        return
    with pytest.raises(InputRejected) as refused:
        BaseRate(NEXT, bps, "s")
    assert refused.value.reason == "rate_out_of_range"
    assert refused.value.what == f"a base rate of {percent(bps)} % cannot be"
    assert refused.value.todo == "give per cent a year, between -5.00 and 15.00"


@pytest.mark.parametrize(
    ("day", "start", "following"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 6, 30), date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 7, 1), date(2026, 7, 1), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2026, 7, 1), date(2027, 1, 1)),
    ],
)
def test_half_years(day: date, start: date, following: date) -> None:
    assert half_year_of(day) == start
    assert next_half_year(day) == following


@pytest.mark.parametrize(
    ("text", "bps"),
    [
        ("1.27", 127), ("1,27", 127), ("-0.88", -88), ("-0,88", -88), ("+3.62", 362), ("0.12", 12), ("0", 0),
        ("4", 400), ("1.5", 150), ("1.270000", 127), (" 1.27 ", 127), ("12.05", 1205), ("-0.05", -5),
    ],
)  # fmt: skip
def test_a_rate_is_read_as_it_is_written(text: str, bps: int) -> None:
    assert bps_of(text) == bps


@pytest.mark.parametrize(
    "text", ["", "1.275", "1.", ".5", "1,27 %", "1.2.3", "--1", "NaN", "1e1", "127.00", "١.٢٧", "1.27\nx"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InputRejected) as refused:
        bps_of(text)
    assert refused.value.reason == "rate_not_a_number"
    assert (refused.value.what, refused.value.todo) == (
        "a base rate is not a number of per cent",
        "give it with up to two decimals, as 1.27",
    )


@given(st.integers(-9_999, 9_999))
def test_rates_are_written_and_read_back(bps: int) -> None:
    assert bps_of(percent(bps)) == bps
    assert bps_of(percent(bps).replace(".", ",")) == bps
