"""The daily dunning run: put in order, look at the claims whose day has come, decide, send, report."""

from contextlib import suppress
from datetime import date
from typing import Any

from prefect import flow, tags, task
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from dunning.effects import EffectKind
from dunning.errors import EffectForbidden, EffectUnavailable, RunRefused
from dunning.reasons import Reason
from flows.escalation import escalate
from tasks.forms import GroupSize, InvoiceNumber, RunApprovalForm
from tasks.ladder import runs
from tasks.outbox.dispatch import Delivery, deliveries, dispatch
from tasks.outbox.groups import Group, groups_of, ready_notices
from tasks.outbox.recovery import Recovered, recover
from tasks.report.artifacts import publish_run, publish_unresolved
from tasks.report.run_report import run_json
from tasks.run_names import by_day
from tasks.store.lock import NOTICES, only_one
from tasks.world import open_world, the_world


@task(name="put in order")
async def put_in_order(as_of: date) -> Recovered:
    """Free what crashes left, look up uncertain effects, drop notices of earlier days, follow new house rules."""
    world = the_world()
    recovered = await recover(world, as_of, alone_with=[EffectKind.NOTICE_MAIL])
    runs.follow_new_policy(world)
    return recovered


@task(name="look and decide")
def look_and_decide(as_of: date, only: list[str], approval: RunApprovalForm | None, run_id: int | None) -> runs.Plan:
    """Decide for every claim whose day has come, and record the steps."""
    given = runs.ListApproval(**approval.model_dump()) if approval else None
    return runs.plan(the_world(), as_of, run_id=run_id, only=only, approval=given)


@task(name="send what is left")
async def send_rest(as_of: date) -> None:
    """Send the notices whose flow run was lost before it began, as on a server that is too busy."""
    world = the_world()
    await dispatch(world, ready_notices(world, as_of), as_of)


@task(name="report")
async def report(plan: runs.Plan, delivered: list[Delivery], recovered: Recovered | None) -> str:
    """Publish the run's report, its answers and the list of staff."""
    await publish_unresolved(the_world())
    return await publish_run(plan, delivered, recovered)


@flow(name="dunning-run", flow_run_name=by_day("dunning run"))
async def dunning_run(
    as_of: date | None = None,
    dry_run: bool = False,
    only: list[InvoiceNumber] | None = None,
    group_size: GroupSize = 200,
    approval: RunApprovalForm | None = None,
) -> State[Any]:
    """Dun every claim whose day has come.

    Starting it twice on a day is harmless: the second run finds nothing new and sends what still waits.

    Args:
        as_of: Business day of the run; today if left out. Not before the last run's day.
        dry_run: Only say what would be done; nothing is written or sent.
        only: Only these invoices, such as RE-2026-1042.
        group_size: Notices per flow run where there are too many for one run each.
        approval: Only where the circuit breaker stopped today's run: a person's yes to its list.
    """
    async with open_world() as world:
        day = as_of or world.clock.today()
        try:
            with only_one(world.store, NOTICES):
                return await _run(day, dry_run, only or [], group_size, approval)
        except RunRefused as refused:
            return Cancelled(message=str(refused)) if refused.reason == "another_run" else Failed(message=str(refused))


async def _run(
    day: date, dry_run: bool, only: list[str], group_size: int, approval: RunApprovalForm | None
) -> State[Any]:
    world = the_world()
    if dry_run:
        plan = look_and_decide(day, only, None, None)
        return Completed(message=await report(plan, [], None), data=run_json(plan, ()))
    run_id = runs.open_run(world, day)
    recovered = await put_in_order(day)
    plan = look_and_decide(day, only, approval, run_id)
    ids = ready_notices(world, day)
    stopped = await _escalate_all(day, groups_of(world, ids, day, group_size))
    delivered = deliveries(world, ids)
    said = await report(plan, delivered, recovered)
    runs.close_run(world, run_id)
    if stopped or plan.has(Reason.NOTICE_FAULTY):
        return Failed(message=f"{stopped or 'some notices could not be made'}\n{said}")
    return Completed(name="Held" if plan.held_because else None, message=said, data=run_json(plan, delivered))


async def _escalate_all(day: date, groups: list[Group]) -> str:
    """Run the groups one after the other; why it stopped early, or nothing."""
    for group in groups:
        with tags(*group.tags):
            run = escalate.with_options(flow_run_name=group.title)
            await run(day, group.first, group.last, return_state=True)
        if stopped := the_world().breaker.stopped:
            return stopped
    with suppress(EffectForbidden, EffectUnavailable):  # the breaker says why, and the report goes on
        await send_rest(day)
    return the_world().breaker.stopped
