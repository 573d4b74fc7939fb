"""The watch: every hour it puts in order what it can and shows what needs a person."""

from contextlib import suppress

from prefect import flow, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from dunning.effects import EffectKind
from dunning.errors import RunRefused
from tasks.findings import Finding
from tasks.hand_over.transfers import catch_up
from tasks.outbox.dispatch import dispatch
from tasks.outbox.groups import ready_notices
from tasks.outbox.recovery import Recovered, recover
from tasks.report.artifacts import publish_unresolved, publish_watch
from tasks.store.lock import NOTICES, only_one
from tasks.stuck_runs import end_stuck_runs
from tasks.watch import find_faults
from tasks.world import open_world, the_world


@task(name="put in order")
async def put_in_order() -> Recovered:
    """Free what crashes left, look up uncertain effects, send the agency what still waits for it."""
    world = the_world()
    today = world.clock.today()
    recovered = await recover(world, today)
    with suppress(RunRefused), only_one(world.store, NOTICES):  # a run at work does it itself
        await recover(world, today, alone_with=[EffectKind.NOTICE_MAIL])
        await dispatch(world, ready_notices(world, today), today)
    with suppress(RunRefused):  # somebody speaks to the agency just now; the next hour comes
        await catch_up(world, today)
    return recovered


@task(name="look for faults")
def look_for_faults() -> list[Finding]:
    """Check the invariants, the audit's chain, bank data and runs."""
    return find_faults(the_world())


@task(name="end stuck runs")
async def end_stuck() -> int:
    """End Prefect runs that hang before their start."""
    return await end_stuck_runs(the_world().clock.now())


@flow(name="watch", flow_run_name="watch")
async def watch() -> State[None]:
    """Look after the house: stuck and uncertain messages, broken invariants, old bank data, missed runs."""
    async with open_world() as world:
        recovered = await put_in_order()
        await end_stuck()
        findings = look_for_faults()
        unresolved = await publish_unresolved(world)
        await publish_watch(findings, recovered)
    broken = [finding.what for finding in findings if finding.broken]
    if broken:
        return Failed(message="; ".join(broken))
    return Completed(message=f"{unresolved} messages need a person, {len(findings)} things to look at")
