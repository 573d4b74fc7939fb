"""The command line. Errors: one line what happened, one line what to do, exit code 2."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer
from rich.console import Console
from sqlmodel import Session

from deployments import interest as interest_commands
from deployments import limitation as limitation_command
from deployments import show
from deployments.show import json_line as _json
from dunning.errors import InputRejected, MahnlaufError, SettingsInvalid
from tasks.settings import Settings, load_settings
from tasks.store.engine import Store
from tasks.store.migrate import migrate as migrate_store
from tasks.world import World, open_world

app = typer.Typer(
    name="mahnlauf",
    help="Dunning for German web shops: from the friendly reminder to the hand-over.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(interest_commands.interest)
app.command()(limitation_command.limitation)
app.add_typer(interest_commands.base_rate)
out, err = Console(), Console(stderr=True)

Files = Annotated[list[Path], typer.Argument(help="Files, or folders whose files are meant.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")]
Decimal = Annotated[Literal[",", "."] | None, typer.Option(help='Decimal sign of a table\'s amounts, "," or ".".')]
Kind = Annotated[str | None, typer.Option(help="What the files are, where they do not say so.")]
T = TypeVar("T")


@app.command()
def up(port: Annotated[int | None, typer.Option(help="Port of the UI; 4200 or the next free one.")] = None) -> None:
    """Start server, UI, schedules and worker on this machine; Ctrl-C stops them all."""
    from deployments.up import up as start  # Prefect takes seconds to import

    settings = load_settings()
    _migrated(settings)
    raise typer.Exit(start(settings.home, port=port, sandbox=not settings.agency_url))


@app.command()
def demo(
    exit_: Annotated[bool, typer.Option("--exit", help="End by itself once everything was shown.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the UI; 4200 or the next free one.")] = None,
) -> None:
    """Live through eight weeks of a sample shop, with its runs in Prefect's UI."""
    from deployments.demo.play import play

    raise typer.Exit(play(stay=not exit_, port=port))


@app.command()
def inspect(files: Files, as_json: Json = False, kind: Kind = None, decimal: Decimal = None) -> None:
    """Show what files say, without taking anything in."""
    from tasks.intake.inspect import inspect_file
    from tasks.intake.reading import ReadOptions

    refused, term = False, load_settings().payment_term_days
    for path in _files(files):
        try:
            said = {"file": path.name, **inspect_file(path, ReadOptions(kind, decimal, term))}
        except InputRejected as error:
            refused = True
            said = {"file": path.name, "error": error.reason, "what": error.what, "todo": error.todo}
        _json(said) if as_json else show.said(out, said)
    raise typer.Exit(2 if refused else 0)


@app.command(name="import")
def import_(files: Files, as_json: Json = False, kind: Kind = None, decimal: Decimal = None) -> None:
    """Take invoices, customers and bank statements in."""
    from tasks.intake.taking import options_of, take_in

    async def take(world: World) -> int:
        paths = _files(files)
        taken = take_in(world, paths, options_of(world, kind=kind, decimal=decimal))
        if as_json:
            for each in taken:
                _json(each.as_json())
        else:
            show.taken(out, taken)
        return 2 if any(each.status == "refused" for each in taken) else 0

    raise typer.Exit(_in_world(take))


@app.command()
def run(
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Business day; today if left out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: Json = False,
) -> None:
    """Dun every claim whose day has come: the same flow as the deployment."""
    settings = load_settings()
    _migrated(settings)
    _own_prefect(settings.home)
    from prefect.client.schemas.objects import State

    from flows.dunning_run import dunning_run

    async def start() -> State[Any]:
        return await dunning_run(as_of.date() if as_of else None, dry_run=dry_run, return_state=True)

    state = asyncio.run(start())
    if state.is_failed() or state.is_cancelled():
        raise MahnlaufError(*(state.message or "the run failed").split("\n", 1))
    said: dict[str, Any] = state.result()
    _json(said) if as_json else show.run(out, said, state.message or "")


@app.command()
def claim(number: str, as_json: Json = False) -> None:
    """Show a claim's file: what happened, what is next, and why."""
    from tasks.report.claim_file import claim_file

    async def read(world: World) -> int:
        file = claim_file(world, number, world.clock.today())
        _json(file.as_json()) if as_json else show.claim(out, file)
        return 0

    raise typer.Exit(_in_world(read))


@app.command()
def payments(as_json: Json = False) -> None:
    """List the payments that wait for a person, with what the payer wrote."""
    from tasks.report.lists import payment_details

    _list("Payments that wait for a person", payment_details, as_json)


@app.command()
def unresolved(as_json: Json = False) -> None:
    """List the messages whose fate only evidence or a person settles: uncertain or refused."""
    from tasks.report.lists import unresolved_effects

    _list("Messages that need a person", unresolved_effects, as_json)


@app.command()
def simulate(
    files: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Replay dated scenarios through the real decision code and compare with what they expect."""
    from deployments.simulate import simulate as replay

    raise typer.Exit(replay(files, as_json))


@app.command()
def audit() -> None:
    """Verify the audit's hash chain."""
    from tasks.store.audit import verify

    async def check(world: World) -> int:
        with world.store.read() as session:
            fault = verify(session)
        if fault:
            raise MahnlaufError(fault, "somebody changed the database by hand: compare it with a backup")
        out.print("the audit's chain holds")
        return 0

    raise typer.Exit(_in_world(check))


@app.command()
def doctor() -> None:
    """Check settings, house rules, database, provider and bank data, and say what to do."""
    from deployments.doctor import examine

    checks = asyncio.run(examine())
    show.checks(out, checks)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


@app.command()
def migrate() -> None:
    """Bring the database to this program's revision."""
    out.print(f"the database is at revision {_migrated(load_settings())}")


@app.command()
def deploy() -> None:
    """Deploy deployments/prefect.yaml to the Prefect server of PREFECT_API_URL, keeping what staff switched."""
    from prefect.client.orchestration import get_client

    from deployments.publish import publish
    from deployments.up import PREFECT_FILE

    home = load_settings().home
    home.mkdir(parents=True, exist_ok=True)
    with get_client(sync_client=True) as client:
        changed = publish(PREFECT_FILE, home / "deploy.stamp", client)
    out.print("deployed" if changed else "nothing has changed")


def main() -> None:
    """Entry point."""
    try:
        app()
    except MahnlaufError as error:
        err.print(f"[red]{show.plain_text(error.what)}[/red]", highlight=False, soft_wrap=True)
        if error.todo:
            err.print(show.plain_text(error.todo), highlight=False, soft_wrap=True)
        sys.exit(2)


def _in_world(act: Callable[[World], Coroutine[Any, Any, T]]) -> T:
    """Do something in this place's world, its database brought up to date first."""

    async def inside() -> T:
        async with open_world() as world:
            return await act(world)

    _migrated(load_settings())
    return asyncio.run(inside())


def _list(title: str, read: Callable[[Session], list[dict[str, Any]]], as_json: bool) -> None:
    """Print a list of staff."""

    async def show_list(world: World) -> int:
        with world.store.read() as session:
            rows = read(session)
        if as_json:
            for row in rows:
                _json(row)
        else:
            show.rows(out, title, rows)
        return 0

    raise typer.Exit(_in_world(show_list))


def _migrated(settings: Settings) -> str:
    store = Store(settings.database_url)
    try:
        return migrate_store(store)
    finally:
        store.close()


def _own_prefect(home: Path) -> None:
    """A run without a server has Prefect's temporary one, with its files under this place's home."""
    wanted = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    }
    for name, value in wanted.items():
        os.environ.setdefault(name, value)


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files meant; a folder means the files in it."""
    found = []
    for path in paths:
        if not path.exists():
            raise SettingsInvalid(f"{path}: there is no such file", "check the path")
        found += sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
    return found


if __name__ == "__main__":
    main()
