"""Limitation: the published table and examples, and what always holds, against a model that walks day by day."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.calendar import GermanCalendar
from dunning.errors import InputRejected
from dunning.ledger import Line, LineKind
from dunning.lifecycle import State
from dunning.limitation import (
    GERMAN,
    WARNING_DAYS,
    LimitationRule,
    Restart,
    Suspension,
    ends_on,
    ends_this_year,
    shifted_end,
    warning_due,
)
from tests.support.claims import claim_of, dunned, paid

DAY = timedelta(days=1)
AUSTRIAN = LimitationRule(3, from_year_end=False)
RULES = [GERMAN, AUSTRIAN, LimitationRule(5, from_year_end=False), LimitationRule(10, from_year_end=False)]


def naive_end(
    due_on: date, rule: LimitationRule, restarts: Sequence[Restart], suspensions: Sequence[Suspension]
) -> date:
    """The statutes once more: walk through the days, and put a day on at the end for each that is not counted."""
    stopped = {each.from_on + n * DAY for each in suspensions for n in range((each.until_on - each.from_on).days)}
    acknowledged = {each.acknowledged_on for each in restarts}

    def years_after(day: date) -> date:
        try:
            return day.replace(year=day.year + rule.years)
        except ValueError:  # 29 February
            return date(day.year + rule.years, 2, 28)

    def with_stops(begun: date) -> date:
        day, end = begun, years_after(begun)
        while day < end:
            day += DAY
            end += DAY if day in stopped else timedelta(0)
        return end

    begun = date(due_on.year, 12, 31) if rule.from_year_end else due_on
    day, end = begun, with_stops(begun)
    while day < end:
        day += DAY
        if day in acknowledged:
            end = max(end, with_stops(day))
    return end


# Statement 63


@pytest.mark.parametrize(
    ("year", "plain", "shifted"),
    [
        (2019, "2022-12-31", "2023-01-02"),  # Saturday, Sunday and New Year
        (2020, "2023-12-31", "2024-01-02"),
        (2021, "2024-12-31", "2024-12-31"),
        (2022, "2025-12-31", "2025-12-31"),
        (2023, "2026-12-31", "2026-12-31"),
        (2024, "2027-12-31", "2027-12-31"),
        (2025, "2028-12-31", "2029-01-02"),
        (2026, "2029-12-31", "2029-12-31"),
    ],
)
@pytest.mark.parametrize("due", [(1, 1), (2, 28), (12, 31)], ids=["first day", "in between", "last day"])
@pytest.mark.parametrize("state", [None, "BE", "BY"])
def test_the_published_table(due: tuple[int, int], year: int, plain: str, shifted: str, state: str | None) -> None:
    end = ends_on(date(year, *due))
    assert str(end) == plain
    assert str(shifted_end(end, GermanCalendar("BE"), state)) == shifted


@pytest.mark.parametrize(
    ("due_on", "restarts", "expected"),
    [
        pytest.param("2026-03-15", [], "2029-12-31", id="published test"),
        pytest.param("2023-02-01", ["2026-05-04"], "2029-05-04", id="part payment as acknowledgement"),
        pytest.param("2023-02-01", ["2023-12-30"], "2026-12-31", id="before the period began"),
        pytest.param("2023-02-01", ["2023-12-31"], "2026-12-31", id="on its eve"),
        pytest.param("2023-02-01", ["2024-01-01"], "2027-01-01", id="on its first day"),
        pytest.param("2023-02-01", ["2026-12-31"], "2029-12-31", id="on its last day"),
        pytest.param("2023-02-01", ["2027-01-01"], "2026-12-31", id="when it was barred"),
        pytest.param("2023-02-01", ["2029-05-04", "2026-05-04"], "2032-05-04", id="twice, on the last day"),
        pytest.param("2023-02-01", ["2029-05-05", "2026-05-04"], "2029-05-04", id="twice, a day too late"),
        pytest.param("2023-02-01", ["2024-02-29"], "2027-02-28", id="on 29 February"),
    ],
)
def test_an_acknowledgement_starts_the_period_anew(due_on: str, restarts: list[str], expected: str) -> None:
    """§ 212 BGB: from the day after, not from the year's end."""
    days = [Restart(date.fromisoformat(day)) for day in restarts]
    assert str(ends_on(date.fromisoformat(due_on), restarts=days)) == expected


@pytest.mark.parametrize(
    ("suspended", "expected"),
    [
        pytest.param([("2024-03-01", "2024-03-11")], "2027-01-10", id="ten days"),
        pytest.param([("2024-03-01", "2024-03-01")], "2026-12-31", id="no day"),
        pytest.param([("2023-06-01", "2024-01-01")], "2026-12-31", id="before the period began"),
        pytest.param([("2023-06-01", "2024-01-02")], "2027-01-01", id="into its first day"),
        pytest.param([("2026-12-31", "2027-01-31")], "2027-01-31", id="from its last day on"),
        pytest.param([("2027-01-01", "2027-01-31")], "2026-12-31", id="when it was barred"),
        pytest.param([("2027-01-03", "2027-01-05"), ("2024-03-01", "2024-03-04")], "2027-01-05", id="within reach"),
        pytest.param([("2027-01-04", "2027-01-05"), ("2024-03-01", "2024-03-04")], "2027-01-03", id="out of reach"),
        pytest.param([("2024-03-01", "2024-03-11"), ("2024-03-06", "2024-03-16")], "2027-01-15", id="overlapping"),
        pytest.param([("2024-03-01", "2024-03-11"), ("2024-03-02", "2024-03-05")], "2027-01-10", id="inside"),
        pytest.param([("2024-03-01", "2024-03-11"), ("2024-03-11", "2024-03-12")], "2027-01-11", id="in a row"),
    ],
)  # fmt: skip
def test_suspended_days_are_put_on_at_the_end(suspended: list[tuple[str, str]], expected: str) -> None:
    """§ 209 BGB, for a claim due in 2023."""
    days = [Suspension(date.fromisoformat(start), date.fromisoformat(end)) for start, end in suspended]
    assert str(ends_on(date(2023, 2, 1), suspensions=days)) == expected


def test_an_acknowledgement_while_suspended_keeps_the_days_that_are_left() -> None:
    suspended = Suspension(date(2024, 3, 1), date(2024, 4, 1))
    assert ends_on(date(2023, 2, 1), GERMAN, [Restart(date(2024, 3, 11))], [suspended]) == date(2027, 3, 31)


def test_an_acknowledgement_never_costs_a_day() -> None:
    """61 suspended days over a 29 February, acknowledged on the last of them: three years on are 60 days only."""
    suspended = Suspension(date(2028, 1, 1), date(2028, 3, 2))
    due_on = date(2027, 5, 1)
    assert ends_on(due_on, GERMAN, [], [suspended]) == date(2031, 3, 2)
    assert ends_on(due_on, GERMAN, [Restart(date(2028, 3, 1))], [suspended]) == date(2031, 3, 2)


@pytest.mark.parametrize(
    ("rule", "due_on", "expected"),
    [
        (AUSTRIAN, "2026-03-15", "2029-03-15"),  # § 1486 ABGB: from the day due
        (AUSTRIAN, "2024-02-29", "2027-02-28"),
        (LimitationRule(5, from_year_end=False), "2026-03-15", "2031-03-15"),  # art. 128 OR
        (LimitationRule(10, from_year_end=False), "2026-03-15", "2036-03-15"),  # art. 127 OR
    ],
)
def test_other_countries_count_from_the_day_due(rule: LimitationRule, due_on: str, expected: str) -> None:
    assert str(ends_on(date.fromisoformat(due_on), rule)) == expected


def test_a_suspension_has_its_days_in_order() -> None:
    with pytest.raises(InputRejected) as refused:
        Suspension(date(2026, 3, 2), date(2026, 3, 1))
    assert refused.value.reason == "suspension_backwards"
    assert refused.value.what == "a suspension ends on 2026-03-01, before it begins on 2026-03-02"
    assert refused.value.todo == "swap the two days"


# What always holds

dues = st.dates(date(2015, 1, 1), date(2030, 12, 31))
rules = st.sampled_from(RULES)


@st.composite
def histories(draw: st.DrawFn) -> tuple[date, LimitationRule, list[Restart], list[Suspension]]:
    """A claim with what happened to it, mostly while its period ran."""
    due_on, rule = draw(dues), draw(rules)
    after = st.integers(-400, 365 * (rule.years + 3)).map(lambda n: due_on + n * DAY)
    lengths = st.integers(0, 500)
    suspended = st.builds(lambda start, n: Suspension(start, start + n * DAY), after, lengths)
    restarts, suspensions = st.lists(st.builds(Restart, after), max_size=3), st.lists(suspended, max_size=3)
    return due_on, rule, draw(restarts), draw(suspensions)


@given(histories())
def test_it_is_what_a_clerk_finds_day_by_day(
    history: tuple[date, LimitationRule, list[Restart], list[Suspension]],
) -> None:
    assert ends_on(*history) == naive_end(*history)


@given(histories(), dues)
def test_nothing_that_happens_makes_it_earlier(
    history: tuple[date, LimitationRule, list[Restart], list[Suspension]], other: date
) -> None:
    due_on, rule, restarts, suspensions = history
    end = ends_on(*history)
    assert ends_on(due_on, rule, [*restarts, Restart(other)], suspensions) >= end >= ends_on(due_on, rule)
    assert ends_on(due_on, rule, restarts, [*suspensions, Suspension(other, other + 9 * DAY)]) >= end


@given(dues, rules, st.integers(0, 5_000), st.integers(0, 2_000))
def test_a_suspension_moves_the_end_by_exactly_its_days(
    due_on: date, rule: LimitationRule, from_day: int, days: int
) -> None:
    begins = (date(due_on.year, 12, 31) if rule.from_year_end else due_on) + DAY
    start, plain = begins + from_day * DAY, ends_on(due_on, rule)
    moved = ends_on(due_on, rule, suspensions=[Suspension(start, start + days * DAY)])
    assert moved == (plain + days * DAY if start <= plain else plain)
    assert ends_on(due_on, rule, suspensions=[Suspension(begins - (days + 1) * DAY, begins)]) == plain


# Statement 64


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_notices_and_the_agency_change_nothing(level: int, state: State) -> None:
    due_on = date(2023, 4, 1)
    claim = claim_of(due_on=due_on, state=state, lines=(Line(LineKind.INVOICE, due_on, 100_00), paid(40_00, due_on)))
    notified = dunned(claim, level, date(2026, 12, 1), date(2026, 12, 15)) if level else claim
    assert notified.limitation_ends_on == ends_on(due_on) == date(2026, 12, 31)


# Warnings


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (181, None), (180, 180), (179, 180), (91, 180), (90, 90), (89, 90), (61, 90), (60, 60), (31, 60), (30, 30),
        (29, 30), (15, 30), (14, 14), (13, 14), (1, 14), (0, 14), (-1, None),
    ],
)  # fmt: skip
def test_the_tightest_warning_that_is_reached(left: int, expected: int | None) -> None:
    last_day = date(2026, 12, 31)
    assert warning_due(last_day, last_day - left * DAY) == expected


def test_the_days_of_the_warnings_in_2026() -> None:
    last_day = date(2026, 12, 31)
    days = [last_day - 200 * DAY + n * DAY for n in range(201)]
    first = {each: next(day for day in days if warning_due(last_day, day) == each) for each in WARNING_DAYS}
    assert {each: str(day) for each, day in first.items()} == {
        180: "2026-07-04", 90: "2026-10-02", 60: "2026-11-01", 30: "2026-12-01", 14: "2026-12-17",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("last_day", "as_of", "listed"),
    [
        ("2026-12-31", "2026-09-30", False),
        ("2026-12-31", "2026-10-01", True),
        ("2026-12-31", "2026-12-31", True),
        ("2026-12-31", "2027-01-01", False),
        ("2027-12-31", "2026-10-01", False),
        ("2027-01-01", "2026-12-31", False),
        ("2026-11-20", "2026-11-20", True),  # restarted: not every year ends in December
        ("2026-11-20", "2026-11-21", False),
    ],
)
def test_the_list_of_the_year_is_made_from_october_on(last_day: str, as_of: str, listed: bool) -> None:
    assert ends_this_year(date.fromisoformat(last_day), date.fromisoformat(as_of)) is listed
