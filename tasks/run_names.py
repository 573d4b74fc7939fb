"""Names of flow runs, as staff find them in Prefect's list. Prefect calls these within the run."""

from collections.abc import Callable

from prefect.runtime import flow_run

from tasks.clock import SystemClock

MOST_NAMED = 3
"""Invoices that a run's name lists; the rest is counted."""


def by_day(words: str) -> Callable[[], str]:
    """`words` and the business day, such as `dunning run 2026-03-02`. A run that is resumed keeps its name."""

    def name() -> str:
        given = flow_run.get_name() or ""
        if given.startswith(f"{words} "):
            return given
        return f"{words} {flow_run.get_parameters().get('as_of') or SystemClock().today()}"

    return name


def by_invoices() -> str:
    """The invoices of a step that a person starts, such as `by hand · RE-1, RE-2`."""
    invoices = flow_run.get_parameters()["invoices"]
    more = f" and {len(invoices) - MOST_NAMED} more" if len(invoices) > MOST_NAMED else ""
    return f"by hand · {', '.join(invoices[:MOST_NAMED])}{more}"
