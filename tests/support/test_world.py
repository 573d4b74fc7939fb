"""The tests' own world lives through a claim's first days as the shop's would, on both databases."""

from datetime import date, timedelta

from dunning.lifecycle import State
from tasks.outbox.outcome import NotSent, Uncertain
from tasks.world import World
from tests.support.world import (
    MONDAY,
    FakeMailer,
    add_customer,
    add_invoice,
    claim,
    effects_of,
    know_payments,
    pay,
    run_day,
)

DUE_ON = MONDAY - timedelta(5)


async def test_a_reminder_leaves_and_a_payment_settles(world: World) -> None:
    add_customer(world, "K-7", last_name="Weiß")
    add_invoice(world, due_on=DUE_ON, customer="K-7")
    assert (await run_day(world, MONDAY)).counts == {"send_notice": 1}
    assert isinstance(world.mailer, FakeMailer)
    assert [each["personalizations"][0]["to"][0]["email"] for each in world.mailer.sent] == ["k-7@gross.example"]
    assert (claim(world).claim.level, [each.status for each in effects_of(world)]) == (1, ["sent"])
    pay(world, "RE-1", 10_000, MONDAY)
    pay(world, "RE-1", 10_000, MONDAY)
    assert (claim(world).claim.state, claim(world).claim.open_cents) == (State.SETTLED, 0)


async def test_the_mailer_follows_its_script(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    assert isinstance(world.mailer, FakeMailer)
    world.mailer.script.extend([NotSent("throttled"), Uncertain("read_timeout")])
    await run_day(world, MONDAY)
    assert (len(world.mailer.tried), world.mailer.sent) == (2, [])
    assert [each.status for each in effects_of(world)] == ["uncertain"]


async def test_without_bank_data_nothing_leaves(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    know_payments(world, date(2026, 2, 26))
    plan = await run_day(world, MONDAY, know_bank=False)
    assert [each.text for each in plan.answers] == ["blocked:bank_data_stale"]
