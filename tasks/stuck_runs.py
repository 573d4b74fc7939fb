"""Prefect runs that hang before their start: a worker that dies between taking and starting a run leaves one."""

from datetime import datetime, timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import State, StateType
from prefect.states import Crashed

HANGS_AFTER = timedelta(minutes=10)


async def end_stuck_runs(now: datetime) -> int:
    """Mark runs as crashed that have been pending for ten minutes; returns how many."""
    pending = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING])))
    ended = 0
    async with get_client() as client:
        for run in await client.read_flow_runs(flow_run_filter=pending, limit=200):
            if run.state is not None and run.state.timestamp < now - HANGS_AFTER:
                state: State[None] = Crashed(message="the run never started; its worker was lost")
                await client.set_flow_run_state(run.id, state, force=True)
                ended += 1
    return ended
