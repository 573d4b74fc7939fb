"""An invoice's escalation: the last look, the send, the claim's file. One invoice a run, or a group of them."""

from collections.abc import Sequence
from datetime import date

from prefect import flow, tags, task
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from dunning.effects import EffectStatus
from dunning.errors import RunRefused
from tasks.desk import Act
from tasks.forms import ByHand, Invoices
from tasks.ladder import by_hand
from tasks.outbox.dispatch import Delivery, dispatch
from tasks.outbox.groups import effects_between, groups_for
from tasks.report.artifacts import publish_claim, publish_run
from tasks.run_names import by_invoices
from tasks.store.lock import NOTICES, only_one
from tasks.world import World, open_world, the_world

NEEDS_STAFF = (EffectStatus.UNCERTAIN, EffectStatus.FAILED)


@task(name="last look and send")
async def send(as_of: date, first: str, last: str) -> list[Delivery]:
    """Send the notices of a range of effect ids, each after a last look. Never retried: see the effect table."""
    world = the_world()
    return await dispatch(world, effects_between(world, as_of, first, last), as_of)


@task(name="the claim's file")
async def file_claim(number: str, as_of: date) -> None:
    """Publish the claim's file as an artifact."""
    await publish_claim(the_world(), number, as_of)


@flow(name="escalate")
async def escalate(as_of: date, first: str, last: str) -> State[None]:
    """Send the notices of one group, and file each claim where the group is one invoice.

    Args:
        as_of: Business day of the notices.
        first: First effect id of the group.
        last: Last effect id of the group; the same id for a single invoice.
    """
    async with open_world():
        delivered = await send(as_of, first, last)
        if first == last:
            for delivery in delivered:
                await file_claim(delivery.number, as_of)
    problems = [f"{each.number} {each.status}: {each.reason}" for each in delivered if each.status in NEEDS_STAFF]
    if problems:
        return Failed(message="; ".join(problems[:10]))
    return Completed(message=", ".join(f"{each.number} {each.status}" for each in delivered[:10]))


@flow(name="escalate-invoice", flow_run_name=by_invoices)
async def escalate_invoice(
    invoices: Invoices,
    by: ByHand | None = None,
    dry_run: bool = False,
) -> State[None]:
    """Take the next step of these invoices today, if it is due and nothing stands in its way.

    The same decision as the daily run's: no level is skipped, no hold is overruled.

    Args:
        invoices: Invoice numbers, such as RE-2026-1042.
        by: Who starts it and why; needed unless it is a dry run.
        dry_run: Only say what would be done; nothing is written or sent.
    """
    async with open_world() as world:
        try:
            with only_one(world.store, NOTICES):
                return await _by_hand(world, invoices, Act(by.person, by.reason) if by else None, dry_run)
        except RunRefused as refused:
            return Cancelled(message=str(refused))


async def _by_hand(world: World, invoices: Sequence[str], act: Act | None, dry_run: bool) -> State[None]:
    as_of = world.clock.today()
    plan = by_hand.plan_invoices(world, invoices, as_of, act, dry_run=dry_run)
    for group in [] if dry_run else groups_for(world, as_of, invoices):
        with tags(*group.tags):
            await escalate.with_options(flow_run_name=group.title)(as_of, group.first, group.last, return_state=True)
    return Completed(message=await publish_run(plan, (), None))
