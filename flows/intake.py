"""Intake: take files into the books, park what cannot be used, show what waits for a person."""

from pathlib import Path

from prefect import flow, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from dunning.errors import RunRefused
from tasks.forms import DecimalSign, FileKind
from tasks.intake.inbox import files_in, put_away
from tasks.intake.taking import Taken, options_of, take_in
from tasks.report.artifacts import publish_intake
from tasks.report.markdown import counted
from tasks.world import open_world, the_world


@task(name="take in")
def take_files(files: list[Path], kind: str | None, decimal: str | None) -> list[Taken]:
    """Take files in, each content once, each file whole or not at all."""
    world = the_world()
    return take_in(world, files, options_of(world, kind=kind, decimal=decimal))


@task(name="report")
async def report(taken: list[Taken]) -> None:
    """Publish what became of the files, and the payments that wait for a person."""
    await publish_intake(the_world(), taken)


@flow(name="intake", flow_run_name="intake")
async def intake(
    folder: Path | None = None,
    files: list[Path] | None = None,
    kind: FileKind | None = None,
    decimal: DecimalSign | None = None,
) -> State[None]:
    """Take in invoices, customers and bank statements.

    Left empty, it takes what lies in the inbox, and moves each file on to `taken` or `parked`. Offering a file twice
    is harmless: its content counts once.

    Args:
        folder: A folder whose files are taken in; the inbox of this place if left out.
        files: Single files instead of a folder. Their names stay in Prefect: better put them into the inbox.
        kind: What the files are, where they do not say so themselves, such as camt.053 or invoices.
        decimal: The decimal sign of a table's amounts, "," or ".", where it cannot be told from the table.
    """
    async with open_world() as world:
        inbox = world.settings.inbox_dir
        try:
            offered = list(dict.fromkeys(files or files_in(folder or inbox)))
            if not offered:
                return Completed(message="no files")
            taken = take_files(offered, kind, decimal)
        except RunRefused as refused:
            return Failed(message=str(refused))
        await report(taken)
        put_away(inbox, offered, taken)
    parked = sum(each.status in ("parked", "refused") for each in taken)
    invoices = sum(each.invoices for each in taken)
    booked, waiting = sum(each.payments for each in taken), sum(each.proposals for each in taken)
    return Completed(
        message=f"{counted(len(taken), 'file')}, {parked} parked, {counted(invoices, 'invoice')}, "
        f"{counted(booked, 'payment')} booked, {waiting} to match by hand"
    )
