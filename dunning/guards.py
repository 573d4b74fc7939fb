"""Guards of a whole run: the circuit breaker and the daily caps. Pure functions over counts."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What one run planned."""

    notices: int
    hand_overs: int
    cents: int
    """Sum demanded by the notices."""


@dataclass(frozen=True, slots=True)
class RunGuards:
    """House rules for a run. Factors compare with the median of the last `history_runs` runs that planned anything."""

    history_runs: int = 20
    history_minimum: int = 5
    """With fewer runs on record there is no usual figure to compare with."""
    factor: int = 3
    free_notices: int = 20
    """Up to this many notices never trip the breaker."""
    free_hand_overs: int = 5
    notices_a_day: int = 5_000
    hand_overs_a_day: int = 200
    individual_runs: int = 200
    """Up to this many notices each invoice has a flow run of its own; above, the notices run in groups."""


def breaker(planned: RunFigures, history: tuple[RunFigures, ...], guards: RunGuards) -> tuple[str, ...]:
    """Why the circuit breaker stops this run, one sentence each; empty: the run may go on. `history`: newest first."""
    usual = [run for run in history if run.notices or run.hand_overs][: guards.history_runs]
    if len(usual) < guards.history_minimum:
        return ()
    notices = median(run.notices for run in usual)
    hand_overs = median(run.hand_overs for run in usual)
    cents = median(run.cents for run in usual)
    trips = []
    if planned.notices > guards.free_notices and planned.notices > guards.factor * notices:
        trips.append(f"{planned.notices} notices where {notices:g} are usual")
    if planned.hand_overs > guards.free_hand_overs and planned.hand_overs > guards.factor * hand_overs:
        trips.append(f"{planned.hand_overs} hand-over proposals where {hand_overs:g} are usual")
    if planned.notices > guards.free_notices and planned.cents > guards.factor * cents:
        trips.append(f"{planned.cents // 100} EUR demanded where {int(cents) // 100} EUR are usual")
    return tuple(trips)
