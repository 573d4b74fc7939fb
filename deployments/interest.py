"""The commands of default interest: what it comes to, and the base rates that it needs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from deployments import show
from deployments.own_store import own_store
from dunning.base_rates import BUILT_IN, BaseRate, Rates, bps_of, percent
from dunning.debtor import DebtorKind
from dunning.errors import InputRejected, SettingsInvalid
from dunning.interest import Debt, Margin, default_interest
from dunning.ledger import Line, LineKind
from dunning.money import cents
from tasks.base_rates import SERIES_URL, fetch, read_rates
from tasks.clock import SystemClock
from tasks.jurisdictions import load_jurisdictions
from tasks.report.interest_statement import as_json as statement_json
from tasks.store import base_rates

base_rate = typer.Typer(
    name="base-rate", help="The base rates (§ 247 BGB) that default interest is computed from.", no_args_is_help=True
)
out = Console()

Day = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the half-year.")]
Person = Annotated[str, typer.Option(help="Who has compared it with the source and confirms it.")]
Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")]


def interest(
    principal: Annotated[str, typer.Option(help="Open principal with VAT, as 1234.56.")],
    from_: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day charged.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day not charged.")],
    debtor: Annotated[DebtorKind, typer.Option(help="An unknown one counts as a consumer.")],
    arisen_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day the obligation arose; the first day charged if left out."),
    ] = None,
    damages: Annotated[bool, typer.Option("--damages", help="Not the price of goods or services.")] = False,
    country: Annotated[str, typer.Option(help="Whose law: DE, AT, CH, or EU for the directive's minimum.")] = "DE",
    count_payment_day: Annotated[
        bool, typer.Option("--count-payment-day", help="Charge the day --until too, as enforcement practice does.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Compute default interest (in Germany § 288 BGB) and show how it comes about."""
    first, end = from_.date(), until.date() + timedelta(1 if count_payment_day else 0)
    debt = Debt(debtor, for_payment=not damages, arisen_on=arisen_on.date() if arisen_on else None)
    lines = [Line(LineKind.INVOICE, first, cents(principal))]
    margin, rates = _rule(country.upper(), debt)
    said = statement_json(default_interest(lines, first, end, margin, rates=rates))
    show.json_line(said) if as_json else show.interest(out, said)


@base_rate.command()
def add(
    from_: Day,
    rate: Annotated[str, typer.Option(help="Per cent a year, as 1.27 or -0.88.")],
    source: Annotated[str, typer.Option(help="Where it was published.")],
    person: Person,
) -> None:
    """Confirm the base rate of a half-year; it is never changed afterwards."""
    row = BaseRate(from_.date(), bps_of(rate), source)
    added = _confirm([row], person)
    show.line(out, f"{percent(row.bps)} % from {row.from_on}: {'confirmed' if added else 'was known already'}")


@base_rate.command(name="list")
def list_(as_json: Json = False) -> None:
    """List the base rates: those that ship, and those that somebody confirmed."""
    with own_store() as store, store.read() as session:
        rates, persons = base_rates.known(session), {row.from_on: row.person for row in base_rates.stored(session)}
    said = [_row(row, persons.get(row.from_on, "")) for row in rates.rows]
    _show("Base rates", said, as_json)


@base_rate.command()
def load(
    source: Annotated[str, typer.Argument(metavar="FILE", help="A downloaded answer, or an address.")] = "",
    url: Annotated[bool, typer.Option("--url", help="Ask the Bundesbank, or FILE as an address.")] = False,
    person: Annotated[str, typer.Option(help="Who confirms; without a name nothing is stored.")] = "",
    as_json: Json = False,
) -> None:
    """Read the Bundesbank's series (SDMX-ML or CSV) and propose the rates that are not known yet."""
    origin, raw = _answer(source, url)
    rows = read_rates(raw, origin)
    with own_store() as store, store.read() as session:
        before = base_rates.known(session)
    before.extended(rows)
    new = [row for row in rows if before.get(row.from_on) is None]
    if person:
        _confirm(new, person)
    _show("New base rates", [_row(row, person) for row in new], as_json)
    if not as_json:
        show.line(out, f"{len(rows) - len(new)} rows are known already")
        if new and not person:
            show.line(out, "nothing was stored: compare the rows with bundesbank.de and confirm them with --person")


def _rule(country: str, debt: Debt) -> tuple[Margin, Rates]:
    """What stands above which base rate: by German law, or by the rules of another country."""
    if country == "DE":
        with own_store() as store, store.read() as session:
            return debt, base_rates.known(session)
    rule = load_jurisdictions().of(country).default_rate(debt)
    if debt.arisen_on is not None:
        raise InputRejected("german_option", "--arisen-on decides in Germany only", "leave it out")
    return rule, rule.rates


def _answer(source: str, url: bool) -> tuple[str, bytes]:
    """Where an answer comes from, and the answer."""
    if url or source.startswith(("http://", "https://")):
        address = source or SERIES_URL
        return address, fetch(address)
    if not source:
        raise SettingsInvalid("no file is named", "name a downloaded answer, or ask the Bundesbank with --url")
    try:
        return Path(source).name, Path(source).read_bytes()
    except OSError as error:
        raise SettingsInvalid(f"{source}: the file cannot be read", "check the path") from error


def _confirm(rows: Sequence[BaseRate], person: str) -> list[BaseRate]:
    with own_store() as store, store.write() as session:
        return base_rates.confirm(session, rows, person, SystemClock().now())


def _row(row: BaseRate, person: str) -> dict[str, Any]:
    shipped = BUILT_IN.get(row.from_on) is not None
    return {
        "from": row.from_on,
        "rate": percent(row.bps),
        "confirmed_by": "ships with the program" if shipped else person,
        "source": row.source,
    }


def _show(title: str, said: Sequence[dict[str, Any]], as_json: bool) -> None:
    if not as_json:
        show.rows(out, title, said)
        return
    for row in said:
        show.json_line(row)
