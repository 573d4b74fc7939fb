"""A step that a person starts by hand: the same decision as the daily run's, on the invoices named."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import col, select

from dunning.errors import RunRefused
from tasks.desk import Act
from tasks.ladder import runs
from tasks.store import audit
from tasks.store.tables import ClaimRow
from tasks.world import World


def plan_invoices(
    world: World, invoices: Sequence[str], as_of: date, act: Act | None, *, dry_run: bool = False
) -> runs.Plan:
    """Decide for these invoices and record their steps, under the lock of the notices.

    RunRefused for an unknown invoice, or without a person.
    """
    with world.store.read() as session:
        known = set(session.exec(select(ClaimRow.number).where(col(ClaimRow.number).in_(invoices))))
    if unknown := [number for number in invoices if number not in known]:
        raise RunRefused("unknown_invoice", f"there is no invoice {', '.join(unknown)}", "check the invoice numbers")
    if dry_run:
        return runs.plan(world, as_of, run_id=None, only=invoices)
    if act is None:
        raise RunRefused("person_missing", "nobody is named who starts this step", "give your name and the reason")
    run_id = runs.open_run(world, as_of)
    with world.store.write() as session:
        entries = [audit.Entry(act.person, f"claim {number}", "step_by_hand", reason=act.reason) for number in invoices]
        audit.append(session, entries, world.clock.now())
    return runs.plan(world, as_of, run_id=run_id, only=invoices)
