"""The circuit breaker: at its limits, without a usual figure, and what always holds."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.guards import RunFigures, RunGuards, breaker

GUARDS = RunGuards()
USUAL = RunFigures(notices=30, hand_overs=10, cents=300_000)
HISTORY = (USUAL,) * 5
QUIET = RunFigures(0, 0, 0)
figures = st.builds(RunFigures, st.integers(0, 10_000), st.integers(0, 500), st.integers(0, 10**10))
histories = st.lists(figures, max_size=25).map(tuple)
guards_of = st.builds(
    RunGuards,
    history_runs=st.integers(1, 25),
    history_minimum=st.integers(1, 10),
    factor=st.integers(1, 5),
    free_notices=st.integers(0, 100),
    free_hand_overs=st.integers(0, 20),
)


@pytest.mark.parametrize(
    ("planned", "trips"),
    [
        pytest.param(RunFigures(90, 30, 900_000), (), id="three times as much of everything"),
        pytest.param(RunFigures(91, 0, 0), ("91 notices where 30 are usual",), id="one notice more"),
        pytest.param(RunFigures(0, 31, 0), ("31 hand-over proposals where 10 are usual",), id="one hand-over more"),
        pytest.param(RunFigures(21, 0, 900_000), (), id="sums at the limit"),
        pytest.param(
            RunFigures(21, 0, 900_001), ("9000 EUR demanded where 3000 EUR are usual",), id="sums one cent above"
        ),
        pytest.param(RunFigures(20, 5, 9_999_999), (), id="a few notices trip nothing, whatever their sum"),
        pytest.param(
            RunFigures(100, 50, 1_000_099),
            (
                "100 notices where 30 are usual",
                "50 hand-over proposals where 10 are usual",
                "10000 EUR demanded where 3000 EUR are usual",
            ),
            id="everything at once",
        ),
    ],
)
def test_the_breaker_trips_above_the_factor(planned: RunFigures, trips: tuple[str, ...]) -> None:
    assert breaker(planned, HISTORY, GUARDS) == trips


@pytest.mark.parametrize(
    ("planned", "trips"),
    [
        (RunFigures(20, 0, 0), ()),
        (RunFigures(21, 0, 0), ("21 notices where 1 are usual",)),
        (RunFigures(0, 5, 0), ()),
        (RunFigures(0, 6, 0), ("6 hand-over proposals where 1 are usual",)),
        (RunFigures(20, 0, 10**9), ()),
        (RunFigures(21, 0, 10**9), ("21 notices where 1 are usual", "10000000 EUR demanded where 1 EUR are usual")),
    ],
)
def test_what_is_free_never_trips(planned: RunFigures, trips: tuple[str, ...]) -> None:
    assert breaker(planned, (RunFigures(1, 1, 100),) * 5, GUARDS) == trips


@pytest.mark.parametrize(("runs", "stopped"), [(0, False), (4, False), (5, True), (6, True)])
def test_with_few_runs_on_record_nothing_is_usual(runs: int, stopped: bool) -> None:
    assert bool(breaker(RunFigures(5_000, 0, 0), (USUAL,) * runs, GUARDS)) is stopped


@pytest.mark.parametrize("idle", [QUIET, RunFigures(0, 0, 500)])
def test_runs_that_planned_nothing_are_not_counted(idle: RunFigures) -> None:
    huge = RunFigures(5_000, 0, 0)
    assert breaker(huge, (idle,) * 20 + (USUAL,) * 4, GUARDS) == ()
    assert breaker(huge, (idle,) * 40 + HISTORY, GUARDS) == ("5000 notices where 30 are usual",)


@pytest.mark.parametrize("planned", [RunFigures(1, 0, 0), RunFigures(0, 1, 0)], ids=["notice", "hand-over"])
def test_runs_that_planned_either_are_counted(planned: RunFigures) -> None:
    assert breaker(RunFigures(21, 6, 0), (planned,) * 5, GUARDS) != ()


def test_the_newest_runs_count() -> None:
    old = RunFigures(5_000, 500, 10**9)
    assert breaker(RunFigures(91, 0, 0), (USUAL,) * 20 + (old,) * 80, GUARDS) == ("91 notices where 30 are usual",)
    longer = replace(GUARDS, history_runs=100)
    assert breaker(RunFigures(91, 0, 0), (USUAL,) * 20 + (old,) * 80, longer) == ()


def test_usual_is_the_median() -> None:
    rising = tuple(RunFigures(notices, notices, notices * 100) for notices in (10, 20, 30, 40, 5_000, 5_000))
    assert breaker(RunFigures(105, 105, 10_500), rising, GUARDS) == ()
    assert breaker(RunFigures(106, 106, 10_600), rising, GUARDS) == (
        "106 notices where 35 are usual",
        "106 hand-over proposals where 35 are usual",
        "106 EUR demanded where 35 EUR are usual",
    )


def test_half_a_notice_may_be_usual_and_large_sums_stay_readable() -> None:
    history = tuple(RunFigures(notices, 0, 123_456_789_00) for notices in (1, 1, 1, 2, 2, 2))
    assert breaker(RunFigures(21, 0, 500_000_000_00), history, GUARDS) == (
        "21 notices where 1.5 are usual",
        "500000000 EUR demanded where 123456789 EUR are usual",
    )


def test_the_house_rules_where_nothing_is_said() -> None:
    assert (GUARDS.history_runs, GUARDS.history_minimum, GUARDS.factor) == (20, 5, 3)
    assert (GUARDS.free_notices, GUARDS.free_hand_overs) == (20, 5)
    assert (GUARDS.notices_a_day, GUARDS.hand_overs_a_day, GUARDS.individual_runs) == (5_000, 200, 200)


@given(histories, guards_of)
def test_a_run_that_plans_nothing_is_never_stopped(history: tuple[RunFigures, ...], guards: RunGuards) -> None:
    assert breaker(QUIET, history, guards) == ()


@given(figures, st.integers(5, 25), guards_of)
def test_the_usual_run_is_never_stopped(usual: RunFigures, runs: int, guards: RunGuards) -> None:
    assert breaker(usual, (usual,) * runs, guards) == ()


@given(figures, figures, histories, guards_of)
def test_more_never_trips_less(
    planned: RunFigures, more: RunFigures, history: tuple[RunFigures, ...], guards: RunGuards
) -> None:
    larger = RunFigures(
        planned.notices + more.notices, planned.hand_overs + more.hand_overs, planned.cents + more.cents
    )
    assert len(breaker(larger, history, guards)) >= len(breaker(planned, history, guards))


@given(figures, histories, guards_of, st.integers(1, 5))
def test_a_larger_factor_never_trips_more(
    planned: RunFigures, history: tuple[RunFigures, ...], guards: RunGuards, more: int
) -> None:
    lenient = replace(guards, factor=guards.factor + more)
    assert len(breaker(planned, history, lenient)) <= len(breaker(planned, history, guards))
