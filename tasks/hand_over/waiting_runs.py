"""The Prefect run that waits for an answer to a list: ended once the answer came through the other door."""

from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled

from tasks.store.tables import ApprovalRow
from tasks.world import World


async def end_waiting_run(world: World, list_id: int, person: str) -> None:
    """Cancel the suspended run of a list that was answered elsewhere; does nothing where none waits."""
    with world.store.read() as session:
        approval = session.get(ApprovalRow, list_id)
    if approval is None or not approval.flow_run_id:
        return
    async with get_client() as client:
        try:
            run = await client.read_flow_run(UUID(approval.flow_run_id))
        except ObjectNotFound:
            return
        if run.state is not None and run.state.is_paused():
            state: State[None] = Cancelled(message=f"list {list_id} was answered by {person} through approve-hand-over")
            await client.set_flow_run_state(run.id, state, force=True)
