"""Ends of periods against worked examples, holidays and bank days against an independent table of them."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.calendar import Calendar, GermanCalendar, PlainCalendar, add_months
from dunning.errors import RuleViolation
from dunning.holidays_de import STATES, easter, is_holiday, public_holidays

DAY = timedelta(days=1)
YEARS = range(2019, 2031)
days = st.dates(date(2019, 1, 1), date(2030, 12, 31))
states = st.sampled_from(sorted(STATES))
debtor_states = st.none() | states
german = st.builds(GermanCalendar, states)
calendars: st.SearchStrategy[Calendar] = german | st.just(PlainCalendar())
HAMBURG = GermanCalendar("HH")
"""31 October is a holiday there; Fronleichnam, Allerheiligen, Buß- und Bettag are not."""


@pytest.mark.parametrize(
    ("event_on", "length", "debtor_state", "last_day"),
    [
        pytest.param(date(2026, 8, 15), 0, "BE", date(2026, 8, 17), id="D1 Saturday"),
        pytest.param(date(2026, 12, 25), 0, "BE", date(2026, 12, 28), id="D2 Christmas, then a weekend"),
        pytest.param(date(2026, 11, 18), 0, "SN", date(2026, 11, 19), id="D3 Buß- und Bettag in Saxony"),
        pytest.param(date(2026, 11, 18), 0, "NW", date(2026, 11, 18), id="D3 and in NRW"),
        pytest.param(date(2026, 9, 3), 30, "BE", date(2026, 10, 5), id="D4 holiday on a Saturday"),
        pytest.param(date(2026, 9, 1), 30, "BE", date(2026, 10, 1), id="D5 thirty days from due"),
        pytest.param(date(2026, 1, 31), 30, "BE", date(2026, 3, 2), id="D6 over February"),
        pytest.param(date(2026, 10, 17), 14, "BE", date(2026, 11, 2), id="D7 agreed period ends on a Saturday"),
        pytest.param(date(2026, 5, 14), 0, "BE", date(2026, 5, 15), id="D8 Ascension"),
        pytest.param(date(2026, 6, 4), 0, "NW", date(2026, 6, 5), id="D9 Corpus Christi in NRW"),
        pytest.param(date(2026, 6, 4), 0, "HH", date(2026, 6, 4), id="D9 and in Hamburg"),
        pytest.param(date(2027, 3, 26), 0, "BE", date(2027, 3, 30), id="D10 Easter"),
        pytest.param(date(2027, 10, 31), 0, "NW", date(2027, 11, 2), id="D11 Allerheiligen in NRW"),
        pytest.param(date(2027, 10, 31), 0, "HH", date(2027, 11, 1), id="D11 and in Hamburg"),
    ],
)
def test_worked_last_days(event_on: date, length: int, debtor_state: str, last_day: date) -> None:
    assert HAMBURG.end_of_period(event_on, length, debtor_state) == last_day
    assert PlainCalendar().end_of_period(event_on, length, debtor_state) == event_on + length * DAY


@pytest.mark.parametrize(
    ("day", "debtor_state", "creditor_state", "shifted"),
    [
        pytest.param(date(2026, 11, 18), "NW", "SN", date(2026, 11, 19), id="creditor's holiday"),
        pytest.param(date(2026, 11, 18), None, "NW", date(2026, 11, 19), id="debtor's state unknown"),
        pytest.param(date(2026, 11, 18), "", "NW", date(2026, 11, 19), id="debtor's state empty"),
        pytest.param(date(2026, 11, 18), "NW", "", date(2026, 11, 19), id="creditor's state unknown"),
        pytest.param(date(2028, 8, 15), "BY", "BE", date(2028, 8, 16), id="Mariä Himmelfahrt in Bavaria"),
        pytest.param(date(2028, 8, 15), "HE", "BE", date(2028, 8, 15), id="and in Hesse"),
        pytest.param(date(2025, 8, 8), "BY", "BE", date(2025, 8, 8), id="Augsburg's own day does not count"),
        pytest.param(date(2026, 12, 24), "BE", "BE", date(2026, 12, 24), id="Christmas Eve is a working day"),
        pytest.param(date(2026, 12, 31), "BE", "BE", date(2026, 12, 31), id="New Year's Eve is a working day"),
        pytest.param(date(2027, 1, 1), "BE", "BE", date(2027, 1, 4), id="New Year, then a weekend"),
        pytest.param(date(2025, 5, 8), "BE", "HH", date(2025, 5, 9), id="Berlin's one-off day"),
        pytest.param(date(2026, 5, 8), "BE", "HH", date(2026, 5, 8), id="and not a year later"),
    ],
)
def test_shift_off_days_on_which_nobody_has_to_pay(
    day: date, debtor_state: str | None, creditor_state: str, shifted: date
) -> None:
    assert GermanCalendar(creditor_state).shift(day, debtor_state) == shifted
    assert PlainCalendar().shift(day, debtor_state) == day


@given(german, days, st.integers(0, 120), debtor_states)
def test_no_computed_end_is_a_day_on_which_nobody_has_to_pay(
    calendar: GermanCalendar, event_on: date, length: int, debtor_state: str | None
) -> None:
    end = calendar.end_of_period(event_on, length, debtor_state)
    assert end.weekday() < 5
    nearby = {debtor_state, calendar.creditor_state} if debtor_state else STATES
    assert not any(is_holiday(end, state) for state in nearby if state)
    assert length * DAY <= end - event_on <= (length + 6) * DAY


@given(calendars, days, debtor_states)
def test_shift_twice_is_shift_once_and_keeps_a_working_day(
    calendar: Calendar, day: date, debtor_state: str | None
) -> None:
    shifted = calendar.shift(day, debtor_state)
    assert calendar.shift(shifted, debtor_state) == shifted >= day
    passed_over = [day + n * DAY for n in range((shifted - day).days)]
    assert all(calendar.shift(each, debtor_state) == shifted for each in passed_over)


@given(calendars, days, days, debtor_states)
def test_shift_keeps_the_order_of_days(calendar: Calendar, one: date, other: date, debtor_state: str | None) -> None:
    early, late = sorted((one, other))
    assert calendar.shift(early, debtor_state) <= calendar.shift(late, debtor_state)


@given(german, days, states)
def test_an_unknown_state_never_ends_a_period_earlier_than_a_known_one(
    calendar: GermanCalendar, day: date, debtor_state: str
) -> None:
    assert calendar.shift(day, None) >= calendar.shift(day, debtor_state)


@pytest.mark.parametrize("state", sorted(STATES))
@pytest.mark.parametrize("year", YEARS)
def test_public_holidays_of_every_state(state: str, year: int) -> None:
    """The other table keeps Bavaria's Mariä Himmelfahrt among the Catholic days."""
    categories = ("public", "catholic") if state == "BY" else ("public",)
    assert public_holidays(year, state) == set(
        holidays.country_holidays("DE", subdiv=state, years=year, categories=categories)
    )


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)),
        (2028, date(2028, 4, 16)),
        (2029, date(2029, 4, 1)),
        (1954, date(1954, 4, 18)),
        (1981, date(1981, 4, 19)),
        (2038, date(2038, 4, 25)),
        (2285, date(2285, 3, 22)),
    ],
)
def test_easter(year: int, sunday: date) -> None:
    """Beside the sheet's years: Gauss's two exceptions, the latest Easter and the next earliest one."""
    assert easter(year) == sunday


@pytest.mark.parametrize("year", YEARS)
def test_bank_days_of_a_year_are_those_of_target(year: int) -> None:
    closed = holidays.financial_holidays("ECB", years=year)
    every_day = [date(year, 1, 1) + n * DAY for n in range(366) if (date(year, 1, 1) + n * DAY).year == year]
    assert [day for day in every_day if HAMBURG.is_bank_day(day)] == [
        day for day in every_day if day.weekday() < 5 and day not in closed
    ]


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        pytest.param(date(2026, 4, 2), 1, date(2026, 4, 7), id="Maundy Thursday"),
        pytest.param(date(2026, 4, 30), 1, date(2026, 5, 4), id="before 1 May"),
        pytest.param(date(2026, 10, 2), 1, date(2026, 10, 5), id="3 October is a Saturday"),
        pytest.param(date(2025, 10, 2), 1, date(2025, 10, 3), id="banks settle on 3 October"),
        pytest.param(date(2026, 12, 23), 3, date(2026, 12, 29), id="Christmas Eve is a bank day"),
        pytest.param(date(2026, 8, 15), 1, date(2026, 8, 17), id="from a Saturday"),
        pytest.param(date(2026, 8, 15), 0, date(2026, 8, 15), id="none from a Saturday"),
        pytest.param(date(2026, 8, 14), 5, date(2026, 8, 21), id="a week"),
    ],
)
def test_add_bank_days(day: date, n: int, expected: date) -> None:
    assert HAMBURG.add_bank_days(day, n) == expected
    assert PlainCalendar().add_bank_days(day, n) == day + n * DAY


@given(german, days, st.integers(1, 40))
def test_bank_days_are_counted_one_by_one(calendar: GermanCalendar, day: date, n: int) -> None:
    end = calendar.add_bank_days(day, n)
    between = [day + k * DAY for k in range(1, (end - day).days + 1)]
    assert calendar.is_bank_day(end)
    assert sum(calendar.is_bank_day(each) for each in between) == n


@given(german, days)
def test_the_previous_bank_day_is_the_latest_one_before(calendar: GermanCalendar, day: date) -> None:
    before = calendar.previous_bank_day(day)
    assert before < day
    assert calendar.is_bank_day(before)
    assert calendar.add_bank_days(before, 1) >= day


@pytest.mark.parametrize(
    ("posted_on", "n", "debtor_state", "delivered_on"),
    [
        pytest.param(date(2026, 11, 9), 4, "BE", date(2026, 11, 13), id="Monday"),
        pytest.param(date(2026, 11, 12), 4, "BE", date(2026, 11, 17), id="letters come on Saturday, not on Sunday"),
        pytest.param(date(2026, 11, 14), 1, "BE", date(2026, 11, 16), id="posted on a Saturday"),
        pytest.param(date(2026, 11, 15), 1, "BE", date(2026, 11, 16), id="posted on a Sunday"),
        pytest.param(date(2026, 11, 15), 0, "BE", date(2026, 11, 15), id="none from a Sunday"),
        pytest.param(date(2026, 12, 23), 4, "BE", date(2026, 12, 30), id="Christmas; the Eve is a working day"),
        pytest.param(date(2025, 12, 30), 3, "BE", date(2026, 1, 3), id="over New Year"),
        pytest.param(date(2026, 11, 17), 1, "SN", date(2026, 11, 19), id="debtor's holiday"),
        pytest.param(date(2026, 11, 17), 1, "NW", date(2026, 11, 18), id="no holiday of theirs"),
        pytest.param(date(2025, 10, 30), 1, "NW", date(2025, 11, 3), id="creditor's Friday, debtor's Saturday"),
        pytest.param(date(2026, 11, 17), 1, None, date(2026, 11, 19), id="debtor's state unknown"),
    ],
)
def test_add_delivery_days(posted_on: date, n: int, debtor_state: str | None, delivered_on: date) -> None:
    assert HAMBURG.add_delivery_days(posted_on, n, debtor_state) == delivered_on
    assert PlainCalendar().add_delivery_days(posted_on, n, debtor_state) == posted_on + n * DAY


@given(german, days, st.integers(1, 20), debtor_states)
def test_delivery_days_are_counted_one_by_one(
    calendar: GermanCalendar, posted_on: date, n: int, debtor_state: str | None
) -> None:
    nearby = {debtor_state, calendar.creditor_state} if debtor_state else STATES

    def delivers(day: date) -> bool:
        return day.weekday() != 6 and not any(is_holiday(day, state) for state in nearby if state)

    end = calendar.add_delivery_days(posted_on, n, debtor_state)
    assert delivers(end)
    assert sum(delivers(posted_on + k * DAY) for k in range(1, (end - posted_on).days + 1)) == n


def test_every_plain_day_is_a_bank_day() -> None:
    assert PlainCalendar().previous_bank_day(date(2026, 4, 6)) == date(2026, 4, 5)
    assert PlainCalendar().is_bank_day(date(2026, 4, 5))


@pytest.mark.parametrize(
    ("day", "state", "loud_day"),
    [
        pytest.param(date(2026, 4, 3), "BE", date(2026, 4, 4), id="Good Friday, then a Saturday"),
        pytest.param(date(2026, 4, 5), "BE", date(2026, 4, 7), id="Easter"),
        pytest.param(date(2026, 11, 18), "SN", date(2026, 11, 19), id="Buß- und Bettag in Saxony"),
        pytest.param(date(2026, 11, 18), "BE", date(2026, 11, 18), id="and in Berlin"),
        pytest.param(date(2026, 12, 25), "BE", date(2026, 12, 28), id="Christmas and a Sunday"),
    ],
)
def test_quiet_days_are_sundays_and_the_creditors_holidays(day: date, state: str, loud_day: date) -> None:
    calendar = GermanCalendar(state)
    assert calendar.first_loud_day(day) == loud_day
    assert calendar.is_quiet(day) == (day != loud_day)
    assert not calendar.is_quiet(loud_day)
    assert PlainCalendar().first_loud_day(day) == day
    assert not PlainCalendar().is_quiet(day)


@given(german, days)
def test_no_quiet_day_is_taken_and_no_loud_day_passed_over(calendar: GermanCalendar, day: date) -> None:
    loud = calendar.first_loud_day(day)
    assert not calendar.is_quiet(loud)
    assert all(calendar.is_quiet(day + n * DAY) for n in range((loud - day).days))
    assert calendar.is_quiet(day) == (day.weekday() == 6 or is_holiday(day, calendar.creditor_state))


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        pytest.param(date(2026, 1, 15), 1, date(2026, 2, 15), id="same number, § 188 (2)"),
        pytest.param(date(2026, 1, 31), 1, date(2026, 2, 28), id="February, § 188 (3)"),
        pytest.param(date(2028, 1, 31), 1, date(2028, 2, 29), id="leap February"),
        pytest.param(date(2026, 2, 28), 1, date(2026, 3, 28), id="not the end of March"),
        pytest.param(date(2026, 12, 31), 2, date(2027, 2, 28), id="over the year"),
        pytest.param(date(2028, 2, 29), 12, date(2029, 2, 28), id="a year from a leap day"),
        pytest.param(date(2026, 3, 31), -1, date(2026, 2, 28), id="back"),
        pytest.param(date(2026, 1, 15), -1, date(2025, 12, 15), id="back over the year"),
        pytest.param(date(2026, 1, 31), 0, date(2026, 1, 31), id="none"),
    ],
)
def test_add_months(day: date, n: int, expected: date) -> None:
    assert add_months(day, n) == expected


@given(days, st.integers(-60, 60))
def test_months_land_in_their_month(day: date, n: int) -> None:
    end = add_months(day, n)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == n
    assert end.day == day.day or (end.day < day.day and (end + DAY).month != end.month)


def test_broken_input_is_refused() -> None:
    with pytest.raises(RuleViolation, match=r"^unknown federal state 'XX' of the creditor$"):
        GermanCalendar("XX")
    with pytest.raises(RuleViolation, match="'by'"):
        HAMBURG.shift(date(2026, 1, 1), "by")
    for calendar in (HAMBURG, PlainCalendar()):
        with pytest.raises(RuleViolation, match=r"^a period of -1 days$"):
            calendar.end_of_period(date(2026, 1, 1), -1, "BE")
        with pytest.raises(RuleViolation, match=r"^a period of -1 days$"):
            calendar.add_bank_days(date(2026, 1, 1), -1)
        with pytest.raises(RuleViolation, match=r"^a period of -1 days$"):
            calendar.add_delivery_days(date(2026, 1, 1), -1, "BE")
