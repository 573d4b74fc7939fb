"""One day of the demo, as staff and schedules would have it: intake, the desk, the dunning run, a hand-over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.deployments import arun_deployment
from sqlmodel import select

from deployments.demo import Act, Day, StaffAct
from dunning.errors import MahnlaufError
from flows.desk import hold_claim, release_claim
from flows.dunning_run import dunning_run
from flows.hand_over import approve_hand_over
from flows.intake import intake
from tasks.clock import ShiftedClock
from tasks.forms import Answer, HandOverForm, HoldForm, ReleaseForm
from tasks.hand_over.lists import propose_list
from tasks.store.tables import ApprovalRow
from tasks.world import World, open_world

CLERK = "Kim Clerk"
TRIES = 3


@asynccontextmanager
async def world_in(clock: ShiftedClock) -> AsyncIterator[World]:
    """The demo's world in its own days; the flows inside take it as theirs."""
    async with open_world(clock) as world:
        yield world


async def live(world: World, clock: ShiftedClock, day: Day, *, is_last: bool) -> None:
    """Files in, the desk's acts, the dunning run; the first hand-over list is approved the day it comes up."""
    clock.move_to(day.on)
    if day.files:
        await _ended(
            lambda: intake.with_options(flow_run_name=f"intake {day.on}")(files=list(day.files), return_state=True)
        )
    for act in day.staff:
        await _act(act)
    await _ended(lambda: dunning_run(as_of=day.on, return_state=True))
    if not is_last and not _has_handed_over(world) and (asked := propose_list(world, day.on)):
        form = HandOverForm(
            list_id=asked.list_id, answer=Answer.APPROVE, person=CLERK, reason="final warning passed, checked"
        )
        await _ended(lambda: approve_hand_over(form=form, return_state=True))


async def ask_for_hand_over(seconds: float) -> UUID:
    """Start the hand-over deployment and wait until its run is suspended, with the form for a person; the run's id."""
    run = await arun_deployment("hand-over/hand-over", timeout=0, as_subflow=False)
    async with get_client() as client:
        for _ in range(int(seconds * 2)):
            state = (await client.read_flow_run(run.id)).state
            if state is not None and (state.is_paused() or state.is_final()):
                return run.id
            await asyncio.sleep(0.5)
    raise MahnlaufError(f"the hand-over run asked nothing within {seconds:.0f} seconds", "look at it in Prefect's UI")


async def _act(act: StaffAct) -> None:
    if act.act is Act.HOLD:
        hold = HoldForm(invoice=act.invoice_number, kind=act.hold, person=act.person, reason=act.reason)
        await _ended(lambda: hold_claim(form=hold, return_state=True))
        return
    release = ReleaseForm(invoice=act.invoice_number, person=act.person, reason=act.reason)
    await _ended(lambda: release_claim(form=release, return_state=True))


async def _ended(start: Callable[[], Awaitable[State[Any]]]) -> None:
    """Run a flow; again where a busy server lost it before it began. MahnlaufError where it does not complete."""
    state = await start()
    for _ in range(TRIES - 1):
        if state.is_final():
            break
        state = await start()
    if not state.is_completed():
        raise MahnlaufError(f"a run of the demo ended {state.name}: {state.message}", "see the run in Prefect's UI")


def _has_handed_over(world: World) -> bool:
    with world.store.read() as session:
        return session.exec(select(ApprovalRow).where(ApprovalRow.status == "approved")).first() is not None
