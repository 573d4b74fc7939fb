"""Default interest: worked examples to the cent, published cases, and what always holds, against a day-by-day model."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.base_rates import BUILT_IN, BaseRate, BaseRates, bps_of, half_year_of
from dunning.debtor import DebtorKind
from dunning.errors import BaseRateUnknown, InputRejected
from dunning.interest import (
    DayCount,
    Debt,
    FreeDays,
    InterestStatement,
    default_interest,
    half_up,
    principal_on,
)
from dunning.ledger import Line, LineKind
from dunning.money import cents
from tests.support.day_by_day import PUBLISHED, naive_interest, published_base

DAY = timedelta(days=1)
CONSUMER, BUSINESS = Debt(DebtorKind.CONSUMER), Debt(DebtorKind.BUSINESS)
DEBTS = {"B2C": CONSUMER, "B2B": BUSINESS}
FIRST, END = date(2002, 1, 1), date(2027, 1, 1)

EXAMPLES = [
    ("E1", "100.00", "2026-08-01", "2026-08-31", "B2C", "0.55", "0.55", "31@6.52/365=0.553753"),
    ("E2", "1000.00", "2026-08-02", "2026-08-31", "B2B", "8.65", "8.65", "30@10.52/365=8.646575"),
    ("E3", "10000.00", "2025-08-02", "2025-09-15", "B2B", "126.62", "126.62", "45@10.27/365=126.616438"),
    ("E4", "10000.00", "2025-08-02", "2025-09-15", "B2C", "77.30", "77.30", "45@6.27/365=77.301370"),
    (
        "E5",
        "10000.00",
        "2026-06-01",
        "2026-07-31",
        "B2B",
        "173.76",
        "173.76",
        "30@10.27/365=84.410959 31@10.52/365=89.347945",
    ),
    ("E6", "1000.00", "2024-02-01", "2024-02-29", "B2C", "6.83", "6.85", "29@8.62/366=6.830055"),
    (
        "E7",
        "2500.00",
        "2023-12-15",
        "2024-01-15",
        "B2B",
        "27.04",
        "27.08",
        "17@12.12/365=14.112329 15@12.62/366=12.930328",
    ),
    (
        "E8",
        "499.90",
        "2023-06-15",
        "2024-07-31",
        "B2C",
        "46.89",
        "46.95",
        "16@6.62/365=1.450669 184@8.12/365=20.462756 182@8.62/366=21.427954 31@8.37/366=3.543963",
    ),
    (
        "E9",
        "1234.56",
        "2021-03-10",
        "2021-12-31",
        "B2C",
        "41.39",
        "41.39",
        "113@4.12/365=15.746897 184@4.12/365=25.640966",
    ),
    ("E10", "5000.00", "2020-02-15", "2020-03-15", "B2B", "33.28", "33.37", "30@8.12/366=33.278689"),
    (
        "E11",
        "8750.50",
        "2022-12-01",
        "2023-01-31",
        "B2B",
        "139.27",
        "139.27",
        "31@8.12/365=60.347284 31@10.62/365=78.927113",
    ),
    (
        "E12",
        "250.00",
        "2022-07-01",
        "2026-11-23",
        "B2C",
        "76.08",
        "76.13",
        "184@4.12/365=5.192329 181@6.62/365=8.206986 184@8.12/365=10.233425 182@8.62/366=10.716120 "
        "184@8.37/366=10.519672 181@7.27/365=9.012808 184@6.27/365=7.901918 "
        "181@6.27/365=7.773082 146@6.52/365=6.520000",
    ),
    ("E13", "29.99", "2026-10-15", "2026-11-23", "B2C", "0.21", "0.21", "40@6.52/365=0.214285"),
    ("E14", "79.90", "2026-11-23", "2026-11-23", "B2C", "0.01", "0.01", "1@6.52/365=0.014273"),
    (
        "E15",
        "15000.00",
        "2024-12-01",
        "2025-01-31",
        "B2B",
        "300.74",
        "301.17",
        "31@12.37/366=157.159836 31@11.27/365=143.576712",
    ),
    ("E16", "2400.00", "2026-08-11", "2026-11-23", "B2C", "45.01", "45.01", "105@6.52/365=45.014795"),
    (
        "E17",
        "119.00",
        "2024-01-01",
        "2024-12-31",
        "B2C",
        "10.11",
        "10.14",
        "182@8.62/366=5.100873 184@8.37/366=5.007364",
    ),
    ("E18", "119.00", "2023-01-01", "2023-12-31", "B2C", "8.78", "8.78", "181@6.62/365=3.906525 184@8.12/365=4.871110"),
    ("E19", "354.16", "2018-04-30", "2018-06-17", "B2C", "1.96", "1.96", "49@4.12/365=1.958844"),
    ("E20", "1000.00", "2013-07-01", "2013-12-31", "B2B", "38.41", "38.41", "184@7.62/365=38.413151"),
    ("E21", "0.50", "2026-07-01", "2026-11-23", "B2C", "0.01", "0.01", "146@6.52/365=0.013040"),
    (
        "E22",
        "1000000.00",
        "2015-12-31",
        "2016-12-31",
        "B2B",
        "81672.47",
        "81895.62",
        "1@8.17/365=223.835616 182@8.17/366=40626.775956 184@8.12/366=40821.857923",
    ),
    ("E23", "1190.00", "2026-08-18", "2026-11-23", "B2B", "33.61", "33.61", "98@10.52/365=33.612121"),
    (
        "E25",
        "543.00",
        "2004-11-03",
        "2006-03-09",
        "B2C",
        "45.42",
        "45.44",
        "59@6.13/366=5.365760 181@6.21/365=16.721573 184@6.17/365=16.889234 68@6.37/365=6.443997",
    ),
]
"""Name, principal, first and last day charged, debtor, act/act, act/365, rows (days@rate/year=exact)."""


def owed(amount: str | int, on: date = FIRST) -> list[Line]:
    """A ledger with one invoice."""
    return [Line(LineKind.INVOICE, on, cents(amount) if isinstance(amount, str) else amount)]


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("name", "amount", "first", "last", "debtor", "expected", "fixed", "rows"),
    EXAMPLES,
    ids=[row[0] for row in EXAMPLES],
)
def test_the_worked_examples_to_the_cent(
    name: str, amount: str, first: str, last: str, debtor: str, expected: str, fixed: str, rows: str
) -> None:
    period = (day(first), day(last) + DAY)
    statement = default_interest(owed(amount), *period, DEBTS[debtor])
    assert statement.cents == cents(expected)
    assert default_interest(owed(amount), *period, DEBTS[debtor], day_count=DayCount.ACT_365).cents == cents(fixed)
    found = [
        f"{row.days}@{row.rate_bps / 100:.2f}/{row.year_days}={float(row.exact_cents / 100):.6f}"
        for row in statement.segments
    ]
    assert found == rows.split()
    assert sum(row.cents for row in statement.segments) == statement.cents


def test_e24_the_half_year_is_not_known() -> None:
    with pytest.raises(BaseRateUnknown) as refused:
        default_interest(owed("199.95"), date(2027, 1, 5), date(2027, 2, 1), CONSUMER)
    assert "2027-01-01" in refused.value.what
    assert "mahnlauf base-rate add --from 2027-01-01" in refused.value.todo


@pytest.mark.parametrize(
    ("amount", "first", "days", "debt", "expected"),
    [
        pytest.param("10000.00", "2025-08-02", 45, BUSINESS, "126.62", id="10.000 x 10,27 % x 45/365"),
        pytest.param("10000.00", "2025-08-02", 45, CONSUMER, "77.30", id="10.000 x 6,27 % x 45/365"),
        pytest.param("10000.00", "2026-06-01", 30, BUSINESS, "84.41", id="first half of 84,41 + 89,35"),
        pytest.param("10000.00", "2026-07-01", 31, BUSINESS, "89.35", id="second half of 84,41 + 89,35"),
        pytest.param("1000.00", "2026-08-02", 30, BUSINESS, "8.65", id="1.000, 30 days, 10,52 %"),
        pytest.param("1000.00", "2026-08-02", 30, CONSUMER, "5.36", id="1.000 x 6,52 % x 30/365"),
        pytest.param("2400.00", "2026-09-01", 30, CONSUMER, "12.86", id="2.400: about 13 euros a month"),
        pytest.param("543.00", "2004-11-03", 492, CONSUMER, "45.42", id="BGH III ZR 91/07: the sum claimed"),
    ],
)
def test_published_cases(amount: str, first: str, days: int, debt: Debt, expected: str) -> None:
    start = day(first)
    assert default_interest(owed(amount), start, start + days * DAY, debt).cents == cents(expected)


def test_part_payment_credited_to_costs_interest_and_principal() -> None:
    """800.00, default on 1 July 2026, 300.00 on 31 August: 8.72 until then, 286.28 of it on the principal."""
    invoice, paid = Line(LineKind.INVOICE, date(2026, 6, 1), 800_00), Line(LineKind.PAYMENT, date(2026, 8, 31), -286_28)
    before = default_interest([invoice], date(2026, 7, 1), date(2026, 8, 31), CONSUMER)
    after = default_interest([invoice, paid], date(2026, 8, 31), date(2026, 11, 23), CONSUMER)
    assert (before.cents, after.cents) == (8_72, 7_71)
    assert (before.segments[0].days, after.segments[0].days) == (61, 84)
    assert after.segments[0].principal_cents == 513_72


def test_part_payment_designated_to_the_principal() -> None:
    invoice, paid = Line(LineKind.INVOICE, date(2026, 6, 1), 800_00), Line(LineKind.PAYMENT, date(2026, 8, 31), -300_00)
    statement = default_interest([paid, invoice], date(2026, 7, 1), date(2026, 11, 23), CONSUMER)
    assert statement.cents == 16_22
    assert [(row.from_on, row.until_on, row.principal_cents, row.cents) for row in statement.segments] == [
        (date(2026, 7, 1), date(2026, 8, 31), 800_00, 8_72),
        (date(2026, 8, 31), date(2026, 11, 23), 500_00, 7_50),
    ]
    assert statement.daily_exact_cents == Fraction(500_00 * 652, 10_000 * 365)
    assert statement.daily_cents == 9


def test_a_statement_says_how_it_came_about() -> None:
    statement = default_interest(owed("10000.00"), date(2026, 6, 1), date(2026, 8, 1), BUSINESS)
    assert (statement.from_on, statement.until_on) == (date(2026, 6, 1), date(2026, 8, 1))
    assert (statement.margin_bps, statement.day_count) == (900, DayCount.ACT_ACT)
    first, second = statement.segments
    assert (first.base, second.base) == (BUILT_IN.on(date(2026, 6, 30)), BUILT_IN.on(date(2026, 7, 1)))
    assert (first.rate_bps, second.rate_bps) == (1027, 1052)
    assert first.until_on == second.from_on == date(2026, 7, 1)
    assert statement.daily_cents == 2_88


# Margins (statement 14)


@pytest.mark.parametrize(
    ("debt", "first_day", "points"),
    [
        (Debt(DebtorKind.CONSUMER), date(2026, 1, 1), 5),
        (Debt(DebtorKind.UNKNOWN), date(2026, 1, 1), 5),
        (Debt(DebtorKind.BUSINESS), date(2026, 1, 1), 9),
        (Debt(DebtorKind.BUSINESS, for_payment=False), date(2026, 1, 1), 5),
        (Debt(DebtorKind.BUSINESS, arisen_on=date(2014, 7, 28)), date(2026, 1, 1), 8),
        (Debt(DebtorKind.BUSINESS, arisen_on=date(2014, 7, 29)), date(2026, 1, 1), 9),
        (Debt(DebtorKind.BUSINESS), date(2014, 7, 28), 8),
        (Debt(DebtorKind.BUSINESS), date(2014, 7, 29), 9),
        (Debt(DebtorKind.BUSINESS, arisen_on=date(2014, 7, 29)), date(2014, 7, 28), 9),
        (Debt(DebtorKind.BUSINESS, arisen_on=date(2010, 1, 1), performed_on=date(2016, 6, 30)), date(2026, 1, 1), 8),
        (Debt(DebtorKind.BUSINESS, arisen_on=date(2010, 1, 1), performed_on=date(2016, 7, 1)), date(2026, 1, 1), 9),
        (Debt(DebtorKind.BUSINESS, arisen_on=date(2020, 1, 1), performed_on=date(2015, 1, 1)), date(2026, 1, 1), 9),
        (Debt(DebtorKind.BUSINESS, for_payment=False, arisen_on=date(2010, 1, 1)), date(2026, 1, 1), 5),
        (Debt(DebtorKind.CONSUMER, arisen_on=date(2010, 1, 1)), date(2026, 1, 1), 5),
    ],
)
def test_points_above_the_base_rate(debt: Debt, first_day: date, points: int) -> None:
    assert debt.margin_bps(first_day) == points * 100


@given(st.dates(FIRST, END - DAY), st.booleans(), st.none() | st.dates(), st.none() | st.dates())
def test_a_consumer_never_owes_nine_points(
    start: date, for_payment: bool, arisen_on: date | None, performed_on: date | None
) -> None:
    for debtor in (DebtorKind.CONSUMER, DebtorKind.UNKNOWN):
        debt = Debt(debtor, for_payment, arisen_on, performed_on)
        statement = default_interest(owed(100_00), start, start + DAY, debt)
        assert statement.segments[0].rate_bps == statement.segments[0].base.bps + 500


@pytest.mark.parametrize(("start", "base", "consumer", "business"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_every_published_rate(start: str, base: str, consumer: str, business: str) -> None:
    first, old = day(start), day(start) < date(2014, 7, 1)
    arisen = Debt(DebtorKind.BUSINESS, arisen_on=date(2001, 1, 1) if old else date(2014, 7, 29))
    for debt, rate in ((CONSUMER, consumer), (arisen, business)):
        (row,) = default_interest(owed(1_000_000_00), first, first + DAY, debt).segments
        assert row.rate_bps == bps_of(rate)
        assert row.base.bps == bps_of(base)


# Days, rows and rounding


def test_an_empty_period_costs_nothing_and_a_backward_one_is_refused() -> None:
    statement = default_interest(owed(100_00), date(2026, 8, 1), date(2026, 8, 1), CONSUMER)
    assert not statement.segments
    assert statement.cents == statement.exact_cents == 0
    with pytest.raises(InputRejected) as refused:
        default_interest(owed(100_00), date(2026, 8, 2), date(2026, 8, 1), CONSUMER)
    assert refused.value.reason == "period_backwards"
    assert refused.value.what == "the period ends on 2026-08-01, before it begins on 2026-08-02"
    assert refused.value.todo == "swap the two days"


def test_rows_break_where_a_half_year_begins_even_at_the_same_rate() -> None:
    statement = default_interest(owed(100_00), date(2025, 12, 31), date(2026, 7, 2), CONSUMER)
    assert [(row.from_on, row.days) for row in statement.segments] == [
        (date(2025, 12, 31), 1), (date(2026, 1, 1), 181), (date(2026, 7, 1), 1),
    ]  # fmt: skip


def test_a_period_between_two_changes_of_rate_is_one_row() -> None:
    statement = default_interest(owed(100_00), date(2026, 1, 1), date(2026, 7, 1), CONSUMER)
    assert [row.days for row in statement.segments] == [181]


def test_what_changes_nothing_breaks_no_row() -> None:
    """A payment that the bank takes back on its value date, a fee, bookings of the first day and of the last."""
    lines = [
        *owed(100_00),
        Line(LineKind.PAYMENT, date(2026, 8, 10), -40_00),
        Line(LineKind.RETURNED_PAYMENT, date(2026, 8, 10), 40_00),
        Line(LineKind.FEE, date(2026, 8, 12), 5_00),
        Line(LineKind.PAYMENT, date(2026, 8, 1), -1_00),
        Line(LineKind.PAYMENT, date(2026, 9, 1), -1_00),
    ]
    statement = default_interest(lines, date(2026, 8, 1), date(2026, 9, 1), CONSUMER)
    assert [(row.days, row.principal_cents) for row in statement.segments] == [(31, 99_00)]
    assert statement.daily_exact_cents == Fraction(98_00 * 652, 10_000 * 365)


def test_a_returned_payment_bears_interest_again() -> None:
    lines = [
        *owed(100_00),
        Line(LineKind.PAYMENT, date(2026, 8, 11), -100_00),
        Line(LineKind.RETURNED_PAYMENT, date(2026, 8, 21), 100_00),
    ]
    statement = default_interest(lines, date(2026, 8, 1), date(2026, 9, 1), CONSUMER)
    assert [(row.from_on.day, row.until_on.day) for row in statement.segments] == [(1, 11), (21, 1)]


def test_a_payment_that_comes_back_the_next_day_saves_one_day() -> None:
    lines = [
        *owed(100_00),
        Line(LineKind.PAYMENT, date(2026, 8, 11), -40_00),
        Line(LineKind.RETURNED_PAYMENT, date(2026, 8, 12), 40_00),
    ]
    statement = default_interest(lines, date(2026, 8, 1), date(2026, 9, 1), CONSUMER)
    assert [(row.days, row.principal_cents) for row in statement.segments] == [(10, 100_00), (1, 60_00), (20, 100_00)]


def test_half_a_cent_is_a_cent() -> None:
    """36.50 at 10 % for a day is exactly one cent; half of that is half a cent."""
    rates = BaseRates((BaseRate(date(2026, 7, 1), 500, "made up"),))
    for amount, expected in ((18_24, 0), (18_25, 1), (36_50, 1), (54_74, 1), (54_75, 2)):
        statement = default_interest(owed(amount), date(2026, 8, 1), date(2026, 8, 2), CONSUMER, rates=rates)
        assert (statement.cents, statement.daily_cents) == (expected, expected)
    assert [half_up(Fraction(part, 100)) for part in (0, 49, 50, 149, 150)] == [0, 0, 1, 1, 2]


def test_the_daily_amount_may_be_unknown_where_the_interest_is_not() -> None:
    """Until the end of 2026 everything is known; from 1 January on nothing is."""
    statement = default_interest(owed("1000.00"), date(2026, 12, 1), END, CONSUMER)
    assert statement.cents == 5_54
    assert statement.daily_exact_cents is None
    assert statement.daily_cents is None


def test_a_settled_claim_needs_no_rate() -> None:
    lines = [*owed(100_00), Line(LineKind.PAYMENT, date(2026, 12, 1), -100_00)]
    statement = default_interest(lines, date(2026, 11, 30), date(2027, 5, 1), CONSUMER)
    assert [(row.from_on, row.until_on) for row in statement.segments] == [(date(2026, 11, 30), date(2026, 12, 1))]
    assert statement.daily_cents == 0


def test_days_without_a_confirmed_rate_are_refused_though_others_have_one() -> None:
    for start, end in ((date(2026, 12, 31), date(2027, 1, 2)), (date(2001, 12, 31), date(2002, 1, 2))):
        with pytest.raises(BaseRateUnknown):
            default_interest(owed(1, date(2001, 1, 1)), start, end, CONSUMER)


def test_a_confirmed_row_makes_the_half_year_known() -> None:
    rates = BUILT_IN.extended([BaseRate(END, 127, "Bundesanzeiger")])
    statement = default_interest(owed("199.95"), date(2027, 1, 5), date(2027, 2, 1), CONSUMER, rates=rates)
    assert statement.exact_cents == Fraction(199_95 * 627 * 27, 10_000 * 365)
    assert statement.cents == 93


def test_a_leap_year_has_366_days() -> None:
    for year, days in ((2023, 365), (2024, 366), (2000, 366), (2100, 365)):
        assert DayCount.ACT_ACT.days_of(year) == days
        assert DayCount.ACT_365.days_of(year) == 365
    assert [*DayCount] == ["act/act", "act/365"]


@pytest.mark.parametrize(("base", "rate"), [(-88, 412), (-499, 1), (-500, 0)])
def test_a_negative_base_rate_lowers_the_sum_and_is_not_cut_off(base: int, rate: int) -> None:
    rates = BaseRates((BaseRate(date(2026, 7, 1), base, "made up"),))
    statement = default_interest(owed(1_000_00), date(2026, 8, 1), date(2026, 9, 1), CONSUMER, rates=rates)
    assert statement.segments[0].rate_bps == rate
    assert statement.exact_cents == Fraction(1_000_00 * rate * 31, 10_000 * 365)


def test_the_rate_is_never_below_nought() -> None:
    row = BaseRate(date(2026, 7, 1), -500, "made up")
    object.__setattr__(row, "bps", -600)  # no such row can be confirmed
    statement = default_interest(owed(1_000_00), date(2026, 8, 1), date(2026, 9, 1), CONSUMER, rates=BaseRates((row,)))
    assert (statement.segments[0].rate_bps, statement.cents, statement.daily_cents) == (0, 0, 0)


# What always holds


days = st.dates(FIRST, date(2026, 12, 30))
amounts = st.integers(1, 10_000_000_00)
debts = st.sampled_from([CONSUMER, Debt(DebtorKind.UNKNOWN), BUSINESS, replace(BUSINESS, for_payment=False)])
changes = st.lists(
    st.one_of(
        st.builds(Line, st.just(LineKind.PAYMENT), days, st.integers(-50_000_00, -1)),
        st.builds(Line, st.just(LineKind.CREDIT_NOTE), days, st.integers(-50_000_00, -1)),
        st.builds(
            Line, st.sampled_from([LineKind.INVOICE, LineKind.RETURNED_PAYMENT]), days, st.integers(1, 50_000_00)
        ),
    ),
    max_size=8,
)


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date]:
    """A first day and the first day that is not charged, within the known half-years, mostly short."""
    start = draw(days)
    longest = (END - start).days
    length = draw(st.integers(0, min(longest, draw(st.sampled_from([40, 400, 9_131])))))
    return start, start + length * DAY


def points_of(debt: Debt, start: date) -> int:
    """The statute once more: 9 points for businesses and payment, 8 for what arose up to 2014-07-28, else 5."""
    if debt.debtor is DebtorKind.BUSINESS and debt.for_payment:
        return 9 if start > date(2014, 7, 28) else 8
    return 5


@given(changes, periods(), debts, st.booleans())
def test_it_is_what_a_clerk_finds_day_by_day(
    lines: list[Line], period: tuple[date, date], debt: Debt, always_365: bool
) -> None:
    day_count = DayCount.ACT_365 if always_365 else DayCount.ACT_ACT
    statement = default_interest(lines, *period, debt, day_count=day_count)
    moved = [(line.on, line.cents) for line in lines]
    assert statement.exact_cents == naive_interest(moved, *period, points_of(debt, period[0]), always_365=always_365)


@given(changes, periods(), debts)
def test_rows_are_in_order_and_add_up(lines: list[Line], period: tuple[date, date], debt: Debt) -> None:
    statement = default_interest(lines, *period, debt)
    assert sum(row.cents for row in statement.segments) == statement.cents
    assert sum(row.exact_cents for row in statement.segments) == statement.exact_cents
    assert all(row.days > 0 and row.cents >= 0 and row.principal_cents > 0 for row in statement.segments)
    assert all(one.until_on <= other.from_on for one, other in pairwise(statement.segments))
    for row in statement.segments:
        assert half_year_of(row.from_on) == half_year_of(row.until_on - DAY) == row.base.from_on
        assert Fraction(row.base.bps, 100) == published_base(row.from_on)
        assert abs(row.cents - row.exact_cents) < 1
    if statement.segments:
        assert statement.segments[0].from_on >= period[0]
        assert statement.segments[-1].until_on <= period[1]


@given(changes, periods(), debts, st.data())
def test_a_split_at_any_day_adds_up_exactly(
    lines: list[Line], period: tuple[date, date], debt: Debt, data: st.DataObject
) -> None:
    start, end = period
    middle = data.draw(st.dates(start, end))
    known = replace(debt, arisen_on=start)
    first, second = (default_interest(lines, *part, known) for part in ((start, middle), (middle, end)))
    assert first.exact_cents + second.exact_cents == default_interest(lines, start, end, known).exact_cents


@given(amounts, amounts, periods(), debts)
def test_more_days_or_more_principal_never_cost_less(
    one: int, other: int, period: tuple[date, date], debt: Debt
) -> None:
    low, high = sorted((one, other))
    less, more = (default_interest(owed(amount), *period, debt) for amount in (low, high))
    assert 0 <= less.exact_cents <= more.exact_cents
    assert 0 <= less.cents <= more.cents
    start, end = period
    longer = default_interest(owed(low), start, min(end + DAY, END), debt)
    assert longer.exact_cents >= less.exact_cents
    assert longer.cents >= less.cents


@given(changes, periods(), debts)
def test_a_year_of_365_days_is_never_cheaper(lines: list[Line], period: tuple[date, date], debt: Debt) -> None:
    actual, fixed = (default_interest(lines, *period, debt, day_count=each).exact_cents for each in DayCount)
    assert fixed >= actual


@given(changes, periods(), st.data())
def test_the_order_of_bookings_does_not_matter(
    lines: list[Line], period: tuple[date, date], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(lines))
    assert default_interest(shuffled, *period, CONSUMER) == default_interest(lines, *period, CONSUMER)


@given(amounts, periods(), debts)
def test_fees_and_interest_bear_no_interest(amount: int, period: tuple[date, date], debt: Debt) -> None:
    side_costs = [Line(LineKind.FEE, period[0], amount), Line(LineKind.INTEREST, period[0], amount)]
    assert default_interest(side_costs, *period, debt).exact_cents == 0
    alone, together = (default_interest(lines, *period, debt) for lines in (owed(77_77), [*owed(77_77), *side_costs]))
    assert alone == together


@given(st.integers(-10_000_00, 0), periods(), debts)
def test_no_interest_without_an_open_principal(amount: int, period: tuple[date, date], debt: Debt) -> None:
    statement = default_interest(owed(amount), *period, debt)
    assert (statement.cents, statement.segments, statement.daily_cents) == (0, (), 0)


@given(amounts, periods(), debts)
def test_nothing_from_the_value_date_of_the_full_payment_on(amount: int, period: tuple[date, date], debt: Debt) -> None:
    paid = [*owed(amount), Line(LineKind.PAYMENT, period[0], -amount)]
    assert default_interest(paid, *period, debt).exact_cents == 0
    last = [*owed(amount), Line(LineKind.PAYMENT, period[1], -amount)]
    assert (
        default_interest(last, *period, debt).exact_cents == default_interest(owed(amount), *period, debt).exact_cents
    )


@given(changes, periods(), debts, st.data())
def test_days_of_a_deferral_are_free_and_the_others_are_not(
    lines: list[Line], period: tuple[date, date], debt: Debt, data: st.DataObject
) -> None:
    start, end = period
    known = replace(debt, arisen_on=start)
    agreed = data.draw(st.dates(start, end))
    ended = data.draw(st.dates(agreed, end))
    whole = default_interest(lines, start, end, known, free=[FreeDays(agreed, ended)])
    parts = [default_interest(lines, *part, known).exact_cents for part in ((start, agreed), (ended, end))]
    assert whole.exact_cents == sum(parts)
    assert not any(row.from_on < ended and agreed < row.until_on for row in whole.segments)


@given(changes, periods(), debts, st.data())
def test_nothing_from_the_opening_of_insolvency_on(
    lines: list[Line], period: tuple[date, date], debt: Debt, data: st.DataObject
) -> None:
    start, end = period
    opened = data.draw(st.dates(start, end))
    stopped = default_interest(lines, start, end, debt, free=[FreeDays(opened)])
    assert stopped.exact_cents == default_interest(lines, start, opened, debt).exact_cents
    assert stopped.daily_cents == 0
    late = default_interest(lines, start, date(2030, 1, 1), debt, free=[FreeDays(opened)])
    assert late.exact_cents == stopped.exact_cents, "free days need no rate"


@given(changes, periods(), debts)
def test_the_daily_amount_is_what_the_next_day_costs(lines: list[Line], period: tuple[date, date], debt: Debt) -> None:
    start, end = period
    known = replace(debt, arisen_on=start)
    statement = default_interest(lines, start, end, known)
    if end == END:
        assert statement.daily_cents in (None, 0)
        return
    assert statement.daily_exact_cents == default_interest(lines, end, end + DAY, known).exact_cents


# The payment day may count (the switch of enforcement practice)


def test_with_the_payment_day_the_court_file_has_ten_cents_more() -> None:
    """BGH III ZR 91/07: 45.42 was claimed without the day of payment, 10 March 2006; with it 45.52."""
    paid = [*owed("543.00"), Line(LineKind.PAYMENT, date(2006, 3, 10), cents("-543.00"))]
    found = [
        default_interest(paid, date(2004, 11, 3), date(2006, 12, 31), CONSUMER, count_payment_day=counted)
        for counted in (False, True)
    ]
    assert [each.cents for each in found] == [45_42, 45_52]
    assert [sum(row.days for row in each.segments) for each in found] == [492, 493]
    assert found[1].segments[-1].until_on == date(2006, 3, 11)


@pytest.mark.parametrize(
    ("booked", "expected"),
    [
        pytest.param([("payment", 11, -40)], [(11, 100), (20, 60)], id="a part payment"),
        pytest.param([("credit_note", 11, -40)], [(10, 100), (21, 60)], id="a credit note counts on its day"),
        pytest.param([("write_off", 11, -40)], [(10, 100), (21, 60)], id="so does a write-off"),
        pytest.param(
            [("payment", 11, -40), ("credit_note", 11, -10)],
            [(10, 100), (1, 90), (20, 50)],
            id="and a credit note beside a payment",
        ),
        pytest.param([("payment", 11, -40), ("returned_payment", 12, 40)], [(31, 100)], id="back the next day"),
        pytest.param([("payment", 11, -40), ("returned_payment", 11, 40)], [(31, 100)], id="back the same day"),
        pytest.param([("payment", 11, -40), ("returned_payment", 11, 10)], [(11, 100), (20, 70)], id="in part"),
        pytest.param(
            [("payment", 11, -40), ("returned_payment", 21, 40)], [(11, 100), (9, 60), (11, 100)], id="after ten days"
        ),
        pytest.param([("payment", 31, -40)], [(31, 100)], id="on the last day"),
        pytest.param(
            [("payment", 11, -40), ("invoice", 11, 60)], [(10, 100), (1, 160), (20, 120)], id="with another invoice"
        ),
    ],
)
def test_with_the_payment_day_the_old_principal_counts_through_it(
    booked: list[tuple[str, int, int]], expected: list[tuple[int, int]]
) -> None:
    lines = [Line(LineKind(kind), date(2026, 8, on), euros * 100) for kind, on, euros in booked]
    period = (date(2026, 8, 1), date(2026, 9, 1))
    statement = default_interest([*owed(100_00), *lines], *period, CONSUMER, count_payment_day=True)
    assert [(row.days, row.principal_cents // 100) for row in statement.segments] == expected


@given(amounts, periods(), debts, st.data())
def test_the_payment_day_costs_exactly_one_day_more(
    amount: int, period: tuple[date, date], debt: Debt, data: st.DataObject
) -> None:
    start, end = period
    known, paid_on = replace(debt, arisen_on=start), data.draw(st.dates(start, max(start, end - DAY)))
    paid = [*owed(amount), Line(LineKind.PAYMENT, paid_on, -amount)]
    counted = default_interest(paid, start, end, known, count_payment_day=True)
    assert counted.exact_cents == default_interest(owed(amount), start, min(paid_on + DAY, end), known).exact_cents


@given(changes, periods(), debts)
def test_with_the_payment_day_it_is_what_a_clerk_finds_day_by_day(
    lines: list[Line], period: tuple[date, date], debt: Debt
) -> None:
    lines = [line for line in lines if line.kind is not LineKind.RETURNED_PAYMENT]
    moved = [(line.on + (DAY if line.kind is LineKind.PAYMENT else 0 * DAY), line.cents) for line in lines]
    counted = default_interest(lines, *period, debt, count_payment_day=True)
    assert counted.exact_cents == naive_interest(moved, *period, points_of(debt, period[0]))
    if period[1] < END:
        known = replace(debt, arisen_on=period[0])
        after = default_interest(lines, period[1], period[1] + DAY, known, count_payment_day=True)
        assert counted.daily_exact_cents == after.exact_cents


@given(changes, periods(), debts)
def test_the_payment_day_never_makes_it_cheaper(lines: list[Line], period: tuple[date, date], debt: Debt) -> None:
    usual, counted = (default_interest(lines, *period, debt, count_payment_day=each) for each in (False, True))
    assert counted.exact_cents >= usual.exact_cents


def test_open_principal_counts_from_the_value_date_on() -> None:
    lines = [*owed(100_00, date(2026, 8, 1)), Line(LineKind.PAYMENT, date(2026, 8, 3), -30_00)]
    assert [principal_on(lines, date(2026, 7, 31) + n * DAY) for n in range(4)] == [0, 100_00, 100_00, 70_00]


def test_a_statement_is_a_value() -> None:
    arguments = (owed(100_00), date(2026, 8, 1), date(2026, 9, 1), CONSUMER)
    one: InterestStatement = default_interest(*arguments)
    assert one == default_interest(*arguments)
    assert isinstance(one.cents, int)
