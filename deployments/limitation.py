"""The command that lists what is about to be barred."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from deployments import show
from deployments.own_store import own_store
from tasks.clock import SystemClock
from tasks.report.limitation_list import limitation_rows

out = Console()


def limitation(
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to look from; today if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
) -> None:
    """List the claims barred within 180 days; from 1 October on that is all that ends with the year."""
    day = as_of.date() if as_of else SystemClock().today()
    with own_store() as store, store.read() as session:
        rows = limitation_rows(session, day)
    if as_json:
        for row in rows:
            show.json_line(row)
        return
    show.rows(out, f"Claims close to limitation on {day}", [_line(row) for row in rows])
    if count := sum(row["this_year"] for row in rows):
        show.line(out, f"{count} of them end this year")
    if rows:
        show.line(
            out, "A notice or an agency stops nothing: apply for a court order before the day, then hold the claim."
        )


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """What people compare, narrow enough for any terminal."""
    amount = f"{row['open']} {row['currency']}"
    return {name: row[name] for name in ("number", "customer")} | {
        "open": amount,
        "due": row["due_on"],
        "ends": row["ends_on"],
        "days": row["days_left"],
    }
