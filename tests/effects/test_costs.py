"""Side costs of dunning from the house rules to the ledger: what a letter really cost, the lump sum, what is waived."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from dunning.costs import CostRecord
from dunning.default import Agreement, Channel
from dunning.ledger import COST_KINDS, LineKind
from dunning.lifecycle import State
from dunning.notice import Template
from dunning.procedure import Level, Policy, Procedure, Timing
from dunning.reasons import HoldKind
from tasks import desk
from tasks.desk import Act
from tasks.evidence import notice_came_back
from tasks.outbox.outcome import Refused, Uncertain
from tasks.outbox.recovery import resolve_by_person
from tasks.store.tables import EffectRow
from tasks.watch import find_faults
from tasks.world import World
from tests.support.ladder import DUE_ON, answers, mailer_of
from tests.support.world import (
    MONDAY,
    add_customer,
    add_invoice,
    book,
    claim,
    costs_of,
    effects_of,
    know_payments,
    move_to,
    pay,
    run_day,
)

MAREN = Act("Maren", "wrote to us")
STAMP = CostRecord("Briefdienst", postage_cents=95, print_cents=25)
"""1.20 EUR."""
COURIER = CostRecord("Kurier", postage_cents=2_450, print_cents=50)
"""25.00 EUR."""
SECOND, FINAL = date(2026, 3, 17), date(2026, 4, 7)
"""The days of the second and the third letter; the second is to be paid by 31 March, and Easter follows."""


def by_letter(world: World, cost: CostRecord = STAMP, lump_sum: Template = Template.FINAL_WARNING) -> World:
    """The world with one ladder for all: a reminder, then letters at this cost; nothing is waived by itself."""

    def letter(days: int, template: Template) -> Level:
        return Level(
            Timing(after_deadline_bank_days=days), template, pay_within_days=14, channel=Channel.LETTER, cost=cost,
            demands_interest=template is Template.FINAL_WARNING, demands_lump_sum=template is lump_sum,
        )  # fmt: skip

    def ladder(old: Procedure) -> Procedure:
        reminder = Level(Timing(after_due_days=5), Template.REMINDER, pay_within_days=10)
        levels = (reminder, letter(3, Template.SECOND_NOTICE), letter(3, Template.FINAL_WARNING))
        return replace(old, levels=levels, waived_costs_cents=0)

    return replace(world, policy=Policy("letters", {key: ladder(old) for key, old in world.policy.procedures.items()}))


async def dunned(world: World, *days: date) -> list[EffectRow]:
    """Live through these days; returns the notices of RE-1."""
    for day in days or (MONDAY, SECOND, FINAL):
        await run_day(world, day)
    return effects_of(world)


def side_costs(world: World, number: str = "RE-1") -> list[tuple[LineKind, int, date]]:
    """The lines of costs and waivers, in the order of booking."""
    lines = claim(world, number).claim.lines
    return [(line.kind, line.cents, line.on) for line in lines if line.kind in {*COST_KINDS, LineKind.WAIVER}]


def total_in_text(row: EffectRow) -> set[str]:
    """Every amount that the letter asks for, in its text and its HTML."""
    said = " ".join(part["value"] for part in json.loads(row.payload)["content"])
    plain = re.sub(r"<[^>]+>|\s|&nbsp;", " ", said)
    asked = re.findall(r"überweisen Sie\s+([\d.]+,\d\d)", plain) + re.findall(
        r"Offener Betrag:?\s+([\d.]+,\d\d)", plain
    )
    assert len(asked) >= 4
    return set(asked)


FEE, LUMP_SUM, WAIVER = LineKind.FEE, LineKind.LUMP_SUM, LineKind.WAIVER


# What a letter costs


@pytest.mark.parametrize(
    ("kind", "agreed", "booked"),
    [
        ("consumer", Agreement.NONE, [(FEE, 120, FINAL)]),
        ("consumer", Agreement.DATE, [(FEE, 120, SECOND), (FEE, 120, FINAL)]),
        ("business", Agreement.DATE, [(FEE, 120, SECOND), (FEE, 120, FINAL), (LUMP_SUM, 3_760, FINAL)]),
    ],
    ids=["the notice that creates default is free", "agreed day", "business"],
)
async def test_what_each_letter_adds(
    world: World, kind: str, agreed: Agreement, booked: list[tuple[LineKind, int, date]]
) -> None:
    world = by_letter(world)
    add_customer(world, kind=kind)
    add_invoice(world, due_on=DUE_ON, agreed=agreed)
    reminder, *letters = await dunned(world)
    assert (reminder.fee_cents, reminder.lump_sum_cents, reminder.cost) == (0, 0, {})
    assert side_costs(world) == booked
    assert [sum(cents for _, cents, on in booked if on == row.business_date) for row in letters] == [
        row.fee_cents + row.lump_sum_cents for row in letters
    ]
    charged = [row for row in letters if row.fee_cents]
    assert [(fee.cents, cost.effect_id, cost.provider) for fee, cost in costs_of(world)] == [
        (120, row.id, "Briefdienst") for row in charged
    ]
    assert {(cost.postage_cents, cost.print_cents) for _, cost in costs_of(world)} == {(95, 25)}


async def test_a_consumer_pays_no_more_than_the_cap_and_the_record_keeps_the_whole_cost(world: World) -> None:
    world = by_letter(world, COURIER)
    add_invoice(world, due_on=DUE_ON)
    await dunned(world)
    ((fee, cost),) = costs_of(world)
    assert (fee.cents, cost.postage_cents + cost.print_cents) == (250, 2_500)


@pytest.mark.parametrize(
    ("outcome", "was_sent"),
    [(Uncertain("read_timeout"), True), (Uncertain("read_timeout"), False), (Refused("http_400", 400), False)],
    ids=["it had left", "it had not", "refused"],
)
async def test_a_letter_costs_something_once_it_has_left(
    world: World, outcome: Uncertain | Refused, was_sent: bool
) -> None:
    world = by_letter(world)
    add_invoice(world, due_on=DUE_ON)
    await dunned(world, MONDAY, SECOND)
    mailer_of(world).script.append(outcome)
    final = (await dunned(world, FINAL))[-1]
    assert (final.fee_cents, side_costs(world), costs_of(world)) == (120, [], [])
    resolve_by_person(world, final.id, was_sent=was_sent, person="Maren", reason="asked the provider")
    assert side_costs(world) == ([(FEE, 120, FINAL)] if was_sent else [])
    assert len(costs_of(world)) == was_sent


async def test_an_e_mail_costs_nothing(world: World) -> None:
    """The ladders that we ship send e-mails: a consumer pays the invoice and its interest, nothing else."""
    add_invoice(world, due_on=DUE_ON)
    *_, final = await dunned(world)
    assert (final.channel, final.fee_cents, final.cost, side_costs(world)) == ("email", 0, {}, [])


# The lump sum


@pytest.mark.parametrize(
    ("cost", "demanded_by", "booked"),
    [
        (STAMP, Template.FINAL_WARNING, [(FEE, 120), (FEE, 120), (LUMP_SUM, 3_760)]),
        (COURIER, Template.FINAL_WARNING, [(FEE, 2_500), (FEE, 2_500)]),
        (STAMP, Template.SECOND_NOTICE, [(FEE, 120), (LUMP_SUM, 3_880), (FEE, 120), (LUMP_SUM, -120)]),
        (COURIER, Template.SECOND_NOTICE, [(FEE, 2_500), (LUMP_SUM, 1_500), (FEE, 2_500), (LUMP_SUM, -1_500)]),
    ],
    ids=["inside the 40", "letters above the 40", "a later letter is inside too", "a later letter goes beyond"],
)
async def test_the_40_euros_have_the_letters_inside(
    world: World, cost: CostRecord, demanded_by: Template, booked: list[tuple[LineKind, int]]
) -> None:
    """§ 288 (5) sentence 3 BGB: a business pays the greater of 40.00 and the own costs, never both."""
    world = by_letter(world, cost, demanded_by)
    add_customer(world, kind="business")
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    await dunned(world)
    assert [(kind, cents) for kind, cents, _ in side_costs(world)] == booked
    assert claim(world).claim.account.costs_cents == max(4_000, 2 * cost.total_cents)


async def test_each_invoice_has_its_own_lump_sum_and_a_consumers_none(world: World) -> None:
    add_customer(world, "K-2", kind="business")
    add_customer(world, "K-3", kind="unknown")
    for number, customer in (("RE-1", "K-2"), ("RE-2", "K-2"), ("RE-3", "K-3")):
        add_invoice(world, number, due_on=DUE_ON, customer=customer, agreed=Agreement.DATE)
    await dunned(world, MONDAY, SECOND, date(2026, 4, 1), FINAL)
    assert [claim(world, number).claim.level for number in ("RE-1", "RE-2", "RE-3")] == [3, 3, 3]
    assert [claim(world, number).claim.open_cents for number in ("RE-1", "RE-2", "RE-3")] == [14_000, 14_000, 10_000]


# What the letter says is what the ledger says


@pytest.mark.parametrize("kind", ["consumer", "business"])
@pytest.mark.parametrize("paid", [0, 1_234], ids=["nothing paid", "partly paid"])
async def test_the_total_of_the_letter_is_what_was_frozen_with_it(world: World, kind: str, paid: int) -> None:
    world = by_letter(world)
    add_customer(world, kind=kind)
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    await dunned(world, MONDAY, SECOND)
    if paid:
        pay(world, "RE-1", paid, SECOND + timedelta(3))
    before = claim(world).claim
    account = before.account_on(FINAL)
    final = (await dunned(world, FINAL))[-1]
    total = final.amount_cents + final.fee_cents + final.lump_sum_cents + final.interest_cents
    assert (final.amount_cents, final.interest_cents) == (before.open_cents, account.interest_cents)
    assert final.interest_cents > 0
    assert total_in_text(final) == {f"{total // 100},{total % 100:02}"}
    assert claim(world).claim.account_on(FINAL).total_cents == total


# What is waived, and what comes back


async def test_little_costs_are_waived_with_the_last_payment(world: World) -> None:
    """The house rule of the ladders that we ship; above the limit the watch asks a person."""
    procedures = {key: replace(old, waived_costs_cents=500) for key, old in by_letter(world).policy.procedures.items()}
    world = replace(world, policy=replace(world.policy, procedures=procedures))
    add_invoice(world, due_on=DUE_ON)
    await dunned(world)
    pay(world, "RE-1", 10_000, FINAL)
    assert (claim(world).claim.state, claim(world).claim.open_cents) == (State.SETTLED, 0)
    assert side_costs(world) == [(FEE, 120, FINAL), (WAIVER, -120, FINAL)]


async def test_a_businesss_lump_sum_is_left_for_a_person(world: World) -> None:
    add_customer(world, kind="business")
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    await dunned(world, MONDAY, SECOND, date(2026, 4, 1))
    pay(world, "RE-1", 10_000, FINAL)
    assert (claim(world).claim.state, claim(world).claim.open_cents) == (State.SETTLED, 4_000)
    know_payments(world, FINAL)
    assert "side costs are left after the invoice was paid: RE-1" in [each.what for each in find_faults(world)]


@pytest.mark.parametrize("kind", [HoldKind.WITHDRAWAL, HoldKind.IDENTITY_THEFT])
async def test_who_withdrew_owes_neither_costs_nor_interest(world: World, kind: HoldKind) -> None:
    world = by_letter(world)
    add_customer(world, kind="business")
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    await dunned(world)
    later = FINAL + timedelta(30)
    assert claim(world).claim.account_on(later).interest_cents > 0
    desk.hold_claim(world, "RE-1", kind, MAREN, FINAL)
    assert side_costs(world)[-1] == (WAIVER, -4_000, FINAL)
    account = claim(world).claim.account_on(later)
    assert (account.principal_cents, account.costs_cents, account.interest_cents) == (10_000, 0, 0)
    desk.release_claim(world, "RE-1", MAREN)
    account = claim(world).claim.account_on(later)
    assert (account.principal_cents, account.costs_cents) == (10_000, 0), "what was waived stays waived"
    assert account.interest_cents > 0


async def test_another_hold_waives_nothing(world: World) -> None:
    world = by_letter(world)
    add_invoice(world, due_on=DUE_ON)
    await dunned(world)
    for kind in set(HoldKind) - {HoldKind.WITHDRAWAL, HoldKind.IDENTITY_THEFT}:
        desk.hold_claim(world, "RE-1", kind, MAREN, FINAL)
    assert side_costs(world) == [(FEE, 120, FINAL)]


@pytest.mark.parametrize("paid", [0, 9_000], ids=["nothing paid", "partly paid meanwhile"])
async def test_a_letter_that_came_back_cost_the_debtor_nothing(world: World, paid: int) -> None:
    """A payment that came meanwhile is credited as if the letter's costs never were."""
    world = by_letter(world)
    add_customer(world, kind="business")
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    await dunned(world)
    known, late = claim(world).claim, FINAL + timedelta(2)
    if paid:
        book(world, "RE-1", LineKind.PAYMENT, -paid, late)
    move_to(world, FINAL + timedelta(6))
    assert notice_came_back(world, "RE-1", MAREN) == 3
    assert side_costs(world) == [
        (FEE, 120, SECOND),
        (FEE, 120, FINAL),
        (LUMP_SUM, 3_760, FINAL),
        (WAIVER, -120, FINAL),
        (LUMP_SUM, -3_760, FINAL),
    ]
    found = claim(world).claim
    if not paid:
        assert (found.open_cents, found.account.costs_cents) == (10_120, 120)
        return
    ((credited),) = found.account.credited
    interest_cents = known.account_on(late).interest_cents
    assert (credited.costs_cents, credited.interest_cents) == (120, interest_cents)
    assert credited.principal_cents == paid - 120 - interest_cents
    assert [each for each in find_faults(world) if each.broken] == []


async def test_a_letter_that_goes_out_again_asks_for_what_the_ledger_says(world: World) -> None:
    """The lump sum is owed once, whichever letter arrives; inside it too is the one that came back, and is waived."""
    world = by_letter(world)
    add_customer(world, kind="business")
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    await dunned(world)
    move_to(world, FINAL + timedelta(1))
    notice_came_back(world, "RE-1", MAREN)
    desk.release_claim(world, "RE-1", MAREN)
    again = FINAL + timedelta(2)
    assert answers(await run_day(world, again)) == {"RE-1": "send_notice:3"}
    row = effects_of(world)[-1]
    total = claim(world).claim.account_on(again).total_cents
    assert (row.occurrence, row.status) == (1, "sent")
    assert total_in_text(row) == {f"{total // 100},{total % 100:02}"}
    assert side_costs(world)[-2:] == [(FEE, 120, again), (LUMP_SUM, 3_640, again)]
    assert claim(world).claim.account.costs_cents == 120 + 120 + 3_640  # the letter that came back cost him nothing


async def test_costs_that_were_demanded_before_are_no_costs_of_another_letter(world: World) -> None:
    """After a dispute the same notice goes out with a new deadline, free of charge."""
    world = by_letter(world)
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    await dunned(world, MONDAY, SECOND)
    desk.hold_claim(world, "RE-1", HoldKind.DISPUTE, MAREN, SECOND)
    answered = SECOND + timedelta(2)
    move_to(world, answered)
    desk.release_claim(world, "RE-1", MAREN)
    assert answers(await run_day(world, answered + timedelta(14))) == {"RE-1": "send_notice:2"}
    again = effects_of(world)[-1]
    assert (again.occurrence, again.fee_cents, side_costs(world)) == (1, 0, [(FEE, 120, SECOND)])
