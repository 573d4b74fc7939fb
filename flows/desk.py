"""The desk: what a clerk does by hand, each act with a person and a reason."""

from prefect import flow, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from dunning.errors import RunRefused
from dunning.holds import STOPS
from dunning.money import plain
from tasks import desk, evidence, payments, write_offs
from tasks.forms import (
    BookPaymentForm,
    BookReturnForm,
    CameBackForm,
    DismissPaymentForm,
    EvidenceForm,
    HoldForm,
    PromiseForm,
    ReleaseForm,
    ResolveForm,
    WriteOffForm,
    cents_of,
)
from tasks.outbox.recovery import resolve_by_person
from tasks.report.artifacts import publish_claim, publish_unmatched, publish_unresolved
from tasks.world import open_world, the_world


@task(name="the claim's file")
async def file_claim(number: str) -> None:
    """Publish the claim's file as an artifact."""
    world = the_world()
    await publish_claim(world, number, world.clock.today())


@flow(name="hold-claim", flow_run_name="{form.invoice} · hold {form.kind}")
async def hold_claim(form: HoldForm) -> State[None]:
    """Put a claim on hold: no notice and no hand-over until it ends or a person releases it.

    Args:
        form: The claim, the kind of hold, its first and last day, who places it and why.
    """
    async with open_world() as world:
        act, first_on = desk.Act(form.person, form.reason), form.since or world.clock.today()
        try:
            until = desk.place_hold(
                world, form.invoice, form.kind, act, first_on, form.until, whole_customer=form.whole_customer
            )
        except RunRefused as refused:
            return Failed(message=str(refused))
        await file_claim(form.invoice)
    ends = f"until {until} or a person releases it" if until else "until a person releases it"
    return Completed(message=f"{form.invoice} is on hold ({form.kind}) {ends}: when {STOPS[form.kind].release}")


@flow(name="release-claim", flow_run_name="{form.invoice} · release")
async def release_claim(form: ReleaseForm) -> State[None]:
    """Release every hold on a claim, and put it back on the ladder if a person had taken it off.

    After a dispute, a defect or the like the same notice goes out again with a new deadline, never a higher one, and
    not at once: the house rule `after_answer_days` says for how many days your answer is left to work.

    Args:
        form: The claim, who releases it and why.
    """
    async with open_world() as world:
        try:
            release = desk.release_customer if form.whole_customer else desk.release_claim
            released = release(world, form.invoice, desk.Act(form.person, form.reason))
        except RunRefused as refused:
            return Failed(message=str(refused))
        await file_claim(form.invoice)
    return Completed(message=f"{form.invoice}: {released} holds released")


@flow(name="promise-to-pay", flow_run_name="{form.invoice} · promise")
async def promise_to_pay(form: PromiseForm) -> State[None]:
    """Let dunning rest until a promised day has passed, and money that left on it has come in.

    Args:
        form: The claim, the promised day, who noted it and why.
    """
    async with open_world() as world:
        try:
            act = desk.Act(form.person, form.reason)
            desk.promise_to_pay(world, form.invoice, form.pay_until, act, world.clock.today())
        except RunRefused as refused:
            return Failed(message=str(refused))
        await file_claim(form.invoice)
    return Completed(message=f"{form.invoice}: promised until {form.pay_until}")


@flow(name="note-evidence", flow_run_name="{form.invoice} · {form.kind}")
async def note_evidence(form: EvidenceForm) -> State[None]:
    """Note what proves a customer's default, or what moves the day of limitation; default is computed anew at once.

    Args:
        form: The claim, what happened and when, who knows it and from where.
    """
    async with open_world() as world:
        try:
            act = desk.Act(form.person, form.reason)
            evidence.note_evidence(world, form.invoice, form.kind, act, form.happened_on, form.until)
        except RunRefused as refused:
            return Failed(message=str(refused))
        await file_claim(form.invoice)
    return Completed(message=f"{form.invoice}: {form.kind} {form.happened_on or 'taken back'}")


@flow(name="notice-came-back", flow_run_name="{form.invoice} · came back")
async def notice_came_back(form: CameBackForm) -> State[None]:
    """Take back a notice that never arrived. Level, deadline, default and costs that rest on it go.

    The claim then waits on hold for a new address: correct the customer's table, release the hold, and the notice goes
    out anew.

    Args:
        form: The claim, who found out and how.
    """
    async with open_world() as world:
        try:
            act = desk.Act(form.person, form.reason)
            level = evidence.notice_came_back(world, form.invoice, act, form.level)
        except RunRefused as refused:
            return Failed(message=str(refused))
        await file_claim(form.invoice)
    return Completed(message=f"{form.invoice}: notice {level} taken back, on hold until there is a new address")


@flow(name="book-payment", flow_run_name="payment {form.payment} · book")
async def book_payment(form: BookPaymentForm) -> State[None]:
    """Book a payment that could not be booked for certain, on one invoice or on several.

    Args:
        form: The payment, the invoices or the customer, who books it and why.
    """
    async with open_world() as world:
        try:
            act = desk.Act(form.person, form.reason)
            booked = payments.book_payment(
                world, form.payment, act, invoices=form.invoices, customer=form.customer.strip()
            )
        except RunRefused as refused:
            return Failed(message=str(refused))
        for number in booked:
            await file_claim(number)
        await publish_unmatched(world)
    said = ", ".join(f"{plain(cents)} on {number}" for number, cents in booked.items())
    return Completed(message=f"payment {form.payment}: {said}")


@flow(name="book-return", flow_run_name="{form.invoice} · return {form.payment}")
async def book_return(form: BookReturnForm) -> State[None]:
    """Book a payment that went back: the claim is open again at once, at the level it had reached.

    A return by which the customer contests the payment (no mandate, asked back) puts the claim on hold.

    Args:
        form: The payment that went back, its invoice, the bank's fee, who books it and why.
    """
    async with open_world() as world:
        try:
            act = desk.Act(form.person, form.reason)
            again = payments.book_return(
                world,
                form.payment,
                form.invoice,
                act,
                fee_cents=cents_of(form.bank_fee) or 0,
                debtor_responsible=form.debtor_responsible,
            )
        except RunRefused as refused:
            return Failed(message=str(refused))
        await file_claim(form.invoice)
        await publish_unmatched(world)
    return Completed(message=f"{form.invoice}: {plain(again)} open again")


@flow(name="dismiss-payment", flow_run_name="payment {form.payment} · dismiss")
async def dismiss_payment(form: DismissPaymentForm) -> State[None]:
    """Take a payment off the list of unmatched payments: it concerns no invoice of ours.

    Args:
        form: The payment, who dismisses it and why.
    """
    async with open_world() as world:
        try:
            payments.dismiss_payment(world, form.payment, desk.Act(form.person, form.reason))
        except RunRefused as refused:
            return Failed(message=str(refused))
        await publish_unmatched(world)
    return Completed(message=f"payment {form.payment}: dismissed")


@flow(name="write-off", flow_run_name="{form.invoice} · write off")
async def write_off(form: WriteOffForm) -> State[None]:
    """Give up what is open of a claim, or a part of it; a claim of which nothing is left open leaves the ladder.

    Args:
        form: The claim, the amount, who gives it up and why.
    """
    async with open_world() as world:
        try:
            act = desk.Act(form.person, form.reason)
            given_up = write_offs.write_off(world, form.invoice, act, cents_of(form.amount))
        except RunRefused as refused:
            return Failed(message=str(refused))
        await file_claim(form.invoice)
    return Completed(message=f"{form.invoice}: {plain(given_up)} written off")


@flow(name="resolve-uncertain", flow_run_name="resolve {form.effect}")
async def resolve_uncertain(form: ResolveForm) -> State[None]:
    """Say what became of a message that nobody knows the fate of, or that was refused.

    Args:
        form: The effect, whether it was sent, who says so and how they know.
    """
    async with open_world() as world:
        try:
            resolve_by_person(
                world,
                form.effect,
                was_sent=form.was_sent,
                person=form.person,
                reason=form.reason,
                case_number=form.case_number,
            )
        except RunRefused as refused:
            return Failed(message=str(refused))
        await publish_unresolved(world)
    return Completed(message=f"{form.effect}: {'sent' if form.was_sent else 'not sent, decided anew'}")
