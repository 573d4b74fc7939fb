"""The hand-over: show a person what is proposed, wait for the answer, transfer exactly what was approved."""

from contextlib import suppress
from datetime import date

from prefect import flow, task
from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from dunning.errors import RunRefused
from tasks.forms import Answer, HandOverAnswer, HandOverForm
from tasks.hand_over.answers import Verdict, answer_list
from tasks.hand_over.lists import list_of_run, propose_list
from tasks.hand_over.transfers import catch_up, transfer
from tasks.hand_over.waiting_runs import end_waiting_run
from tasks.outbox.dispatch import Delivery
from tasks.report.artifacts import publish_claim, publish_hand_over
from tasks.run_names import by_day
from tasks.world import open_world, the_world

DAYS_TO_ANSWER = 5


@task(name="put the list together")
def put_together(as_of: date, flow_run_id: str) -> int | None:
    """Propose today's list, or find the one that this run asked about; its number."""
    world = the_world()
    asked = list_of_run(world, flow_run_id, as_of) or propose_list(world, as_of, flow_run_id)
    return asked.list_id if asked else None


@task(name="send what waits")
async def send_what_waits(as_of: date) -> None:
    """Send the agency what an earlier run, that was killed or found it closed, left behind."""
    with suppress(RunRefused):  # somebody speaks to the agency just now
        await catch_up(the_world(), as_of)


@task(name="take the answer")
def take_answer(list_id: int, verdict: Verdict, as_of: date) -> list[str]:
    """Record a person's answer and the transfers it allows."""
    return answer_list(the_world(), list_id, verdict, as_of)


@task(name="transfer")
async def hand_over_claims(effect_ids: list[str], as_of: date) -> list[Delivery]:
    """Transfer the approved claims, looking each up before any second try."""
    world = the_world()
    delivered = await transfer(world, effect_ids, as_of)
    for delivery in delivered:
        await publish_claim(world, delivery.number, as_of)
    return delivered


@flow(name="hand-over", flow_run_name=by_day("hand-over"), persist_result=True)
async def hand_over(as_of: date | None = None) -> State[None]:
    """Propose the claims whose final warning has passed, wait for a person, transfer what was approved.

    Press *Resume* on the suspended run to answer. The answer counts for exactly the list that is shown.

    Args:
        as_of: Business day of the list; today if left out.
    """
    async with open_world() as world:
        day = as_of or world.clock.today()
        await send_what_waits(day)
        run_id = str(flow_run.get_id())
        list_id = put_together(day, run_id)
        asked = list_of_run(world, run_id, day)
        if list_id is None or asked is None:
            return Completed(message="nothing is proposed for hand-over")
        shown = await publish_hand_over(asked)
    answer = await suspend_flow_run(  # type: ignore[misc]  # Prefect types it as sync
        wait_for_input=HandOverAnswer.with_initial_data(description=shown), timeout=DAYS_TO_ANSWER * 86_400
    )
    verdict = Verdict(answer.answer == Answer.APPROVE, answer.person, answer.reason, tuple(answer.exceptions))
    async with open_world():
        return await _carry_out(list_id, verdict, day)


@flow(name="approve-hand-over", flow_run_name="answer to list {form.list_id}")
async def approve_hand_over(form: HandOverForm) -> State[None]:
    """Answer a hand-over list without its waiting run; that run is ended.

    Args:
        form: The list, the answer, who gives it and why.
    """
    async with open_world() as world:
        verdict = Verdict(form.answer is Answer.APPROVE, form.person, form.reason, tuple(form.exceptions))
        state = await _carry_out(form.list_id, verdict, world.clock.today())
        if state.is_completed():
            await end_waiting_run(world, form.list_id, form.person)
        return state


async def _carry_out(list_id: int, verdict: Verdict, as_of: date) -> State[None]:
    try:
        effect_ids = take_answer(list_id, verdict, as_of)
    except RunRefused as refused:
        return Failed(message=str(refused))
    if not verdict.approve:
        return Completed(message=f"list {list_id} rejected by {verdict.person}")
    try:
        delivered = await hand_over_claims(effect_ids, as_of)
    except RunRefused as busy:
        return Completed(message=f"list {list_id} approved; the next watch transfers it ({busy.what})")
    sent = sum(each.status == "sent" for each in delivered)
    rest = [f"{each.number} {each.status}: {each.reason}" for each in delivered if each.status != "sent"]
    message = "; ".join([f"{sent} of {len(delivered)} claims transferred", *rest])
    return Failed(message=message) if rest else Completed(message=message)
