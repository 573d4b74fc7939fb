"""How the command line shows things to people: tables and short lines."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deployments.doctor import Check
from tasks.intake.taking import Taken
from tasks.report.claim_file import ClaimFile
from tasks.report.markdown import euros

COUNTS = {
    "customers": "customers",
    "invoices": "invoices",
    "credit_notes": "credit notes",
    "payments": "payments booked",
    "proposals": "payments to match",
    "known": "known",
}
"""What a file may bring, by field of `Taken`."""
COLORS = {"taken": "green", "known": "cyan", "parked": "yellow", "refused": "red"}


def plain_text(text: str) -> str:
    """Text of files and people, without a meaning to the terminal."""
    return escape("".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text))


def line(out: Console, text: str) -> None:
    """One line, however long."""
    out.print(plain_text(text), soft_wrap=True, highlight=False)


def json_line(value: object) -> None:
    """One line of JSON, for programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong into JSON")


def rows(out: Console, title: str, values: Sequence[Mapping[str, Any]]) -> None:
    """A table of equal rows."""
    if not values:
        out.print(f"{title}: none")
        return
    table = Table(*values[0], title=title)
    for value in values:
        table.add_row(*(plain_text(str(cell if cell is not None else "")) for cell in value.values()))
    out.print(table)


def said(out: Console, value: Mapping[str, Any]) -> None:
    """What one file says."""
    table = Table("", plain_text(str(value["file"])), show_header=True)
    for name, cell in value.items():
        if name == "statements":
            continue
        if name != "file":
            table.add_row(name, plain_text(str(cell if cell is not None else "-")))
    out.print(table)
    for statement in value.get("statements", ()):
        title = f"{statement['account']}: {statement['opening'] or '-'} to {statement['closing'] or '-'}"
        rows(out, title, statement["entries"])


def taken(out: Console, results: Sequence[Taken]) -> None:
    """What became of files."""
    table = Table("file", "kind", "", "what came in")
    for each in results:
        color = COLORS[each.status]
        counts = ", ".join(f"{word}: {getattr(each, name)}" for name, word in COUNTS.items() if getattr(each, name))
        table.add_row(plain_text(each.file), each.kind, f"[{color}]{each.status}[/{color}]", counts)
    out.print(table)
    for each in results:
        if each.reason and each.status != "known":
            line(out, f"{each.file}: {each.reason}: {each.what}")
            line(out, f"  {each.todo}")
        for row in each.rejected:
            line(out, f"{each.file}, row {row.row}: {row.reason}: {row.what}")


def run(out: Console, value: Mapping[str, Any], message: str) -> None:
    """What a run did."""
    line(out, message)
    rows(out, "Answers", value["claims"])
    if value["deliveries"]:
        rows(out, "Sent", value["deliveries"])


CLAIM_ROWS = (
    "issued_on",
    "due_on",
    "due_basis",
    "gross",
    "open",
    "costs",
    "interest",
    "state",
    "level",
    "dunnable_from",
    "limitation_ends_on",
    "why",
)


def claim(out: Console, file: ClaimFile) -> None:
    """A claim's file."""
    value = file.as_json()
    table = Table("", plain_text(value["number"]))
    customer = value["customer"]
    table.add_row("customer", plain_text(f"{customer['number']} {customer['name']} ({customer['kind']})"))
    for name in CLAIM_ROWS:
        table.add_row(name.replace("_", " "), plain_text(str(value[name] if value[name] is not None else "-")))
    if default := value["default"]:
        table.add_row("default", plain_text(f"from {default['from']}, {default['route']}: {default['evidence']}"))
    for hold in value["holds"]:
        end = f"released on {hold['released_on']}" if hold["released_on"] else f"until {hold['until'] or 'released'}"
        table.add_row("hold", f"{hold['kind']} from {hold['from']} {end}")
    out.print(table)
    history = [
        {
            "day": each.on,
            "what": each.what,
            "detail": each.detail,
            "amount": "" if each.cents is None else euros(each.cents),
        }
        for each in file.history
    ]
    rows(out, "What happened", history)


def checks(out: Console, results: Sequence[Check]) -> None:
    """What the doctor found: a line each, whole, and below it what to do."""
    for check in results:
        good = "[yellow]look[/yellow]" if check.todo else "[green]ok[/green]  "
        mark = good if check.ok else "[red]no[/red]  "
        out.print(f"{mark} {check.name:<10} {plain_text(check.found)}", soft_wrap=True, highlight=False)
        if check.todo:
            line(out, f"     {'':<10} {check.todo}")


def interest(out: Console, value: Mapping[str, Any]) -> None:
    """Default interest and how it came about."""
    line(out, f"interest: {value['interest']} for {value['days']} days ({value['day_count']})")
    sources = {f"{each['base_rate']} %: {each['source']}" for each in value["segments"]}
    shown = [{name: cell for name, cell in each.items() if name != "source"} for each in value["segments"]]
    rows(out, f"{value['margin']} points above the base rate; `until` is not charged", shown)
    daily = f"{value['daily']} a day" if value["daily"] is not None else "unknown, its base rate is not confirmed"
    line(out, f"from {value['until']} on: {daily}")
    for source in sorted(sources):
        line(out, f"base rate {source}")
