"""What a payment from the bank pays (§§ 366, 367 BGB): costs, interest, principal, by who pays and what he wrote.

Counted a second time by the naive model, which is written from the statute.
"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count, permutations
from pathlib import Path

import pytest
from sqlmodel import select

from dunning.allocation import Account
from dunning.default import Agreement
from dunning.ledger import Designation, LineKind
from dunning.lifecycle import State
from dunning.reasons import HoldKind
from tasks import desk
from tasks.desk import Act
from tasks.hand_over.answers import answer_list
from tasks.hand_over.lists import propose_list
from tasks.hand_over.transfers import catch_up, transfer
from tasks.intake.taking import take_in
from tasks.payments import book_payment
from tasks.store.tables import ClaimRow, HandOverRow, PaymentProposalRow
from tasks.watch import find_faults
from tasks.world import World
from tests.support.ladder import DUE_ON, YES, climb
from tests.support.naive_allocation import naive_account
from tests.support.papers import camt
from tests.support.papers import transfer as bank_transfer
from tests.support.world import (
    MONDAY,
    FakeAgency,
    add_customer,
    add_invoice,
    book,
    claim,
    effects_of,
    know_payments,
    move_to,
    run_day,
)

MAREN = Act("Maren", "looked it up")
DEFAULT = DUE_ON + timedelta(1)
FINAL = date(2026, 4, 1)
"""The day of a business's final warning, which books the lump sum."""
PAID = date(2026, 4, 10)
BUSINESS, CONSUMER = 9, 5
"""Points above the base rate."""


@pytest.fixture
def pays(world: World, tmp_path: Path) -> Callable[..., None]:
    """Money that comes in by a statement of account, one file each time."""
    files = count(1)

    def pay(cents: int, text: str = "RE-1", on: date = PAID) -> None:
        name = f"bank-{next(files)}.xml"
        move_to(world, max(world.clock.today(), on))
        (taken,) = take_in(world, [camt(tmp_path, name, bank_transfer(cents, text, on), opening_cents=next(files))])
        assert (taken.payments, taken.proposals) == (1, 0)

    return pay


async def owed_by_business(world: World, *numbers: str) -> None:
    """100.00 EUR each in default since `DEFAULT`, with the lump sum of the final warning."""
    add_customer(world, kind="business")
    for number in numbers or ("RE-1",):
        add_invoice(world, number, due_on=DUE_ON, agreed=Agreement.DATE)
    for day in (MONDAY, date(2026, 3, 17), FINAL):
        await run_day(world, day)
    assert claim(world).claim.account.costs_cents == 4_000


def owed_by_consumer(world: World) -> None:
    """100.00 EUR in default since `DEFAULT`, with what the bank took for a direct debit that came back."""
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    book(world, "RE-1", LineKind.BANK_FEE, 700, FINAL)


def credited(world: World, number: str = "RE-1") -> list[tuple[int, int, int]]:
    """Of each payment, by value date: what it paid of costs, interest and principal."""
    return [
        (each.costs_cents, each.interest_cents, each.principal_cents)
        for each in claim(world, number).claim.account.credited
    ]


def stored(world: World, number: str = "RE-1") -> tuple[int, int]:
    """What the claim's row says is open altogether, and of the principal."""
    with world.store.read() as session:
        row = session.exec(select(ClaimRow).where(ClaimRow.number == number)).one()
    return row.open_cents, row.open_principal_cents


def counted_again(world: World, points: int, on: date, *, protect: bool, number: str = "RE-1") -> Account:
    """The claim's account on a day, after the naive model agreed with it."""
    found = claim(world, number).claim
    account = found.account_on(on)
    sheet = naive_account(found.lines, DEFAULT, on, points, lambda _: True, protect=protect)
    assert (sheet.principal, sheet.costs, sheet.interest) == (
        account.principal_cents, account.costs_cents, account.interest_cents,
    )  # fmt: skip
    return account


# Who pays, and what he wrote


@pytest.mark.parametrize(
    ("cents", "text", "designation", "expected"),
    [
        (3_000, "RE-1", Designation.CLAIM, (3_000, 0, 0)),
        (4_050, "RE-1", Designation.CLAIM, (4_000, 50, 0)),
        (9_000, "Rechnung RE-1 danke", Designation.CLAIM, (4_000, 121, 4_879)),
        (9_000, "Rechnung RE-1, nur Hauptforderung", Designation.PRINCIPAL, (0, 0, 9_000)),
        (9_000, "Rechnung RE-1, nur auf die Hauptforderung", Designation.PRINCIPAL, (0, 0, 9_000)),
        (9_000, "Rechnung RE-1 (nur Rechnungsbetrag)", Designation.PRINCIPAL, (0, 0, 9_000)),
        (10_000, "RE-1", Designation.CLAIM, (0, 0, 10_000)),
        (14_121, "RE-1", Designation.CLAIM, (4_000, 121, 10_000)),
        (14_200, "RE-1", Designation.CLAIM, (4_000, 121, 10_079)),
    ],
    ids=[
        "less than the costs", "costs and some interest", "costs, interest, principal", "principal alone",
        "with an article", "the invoice's amount", "exactly the principal", "everything", "too much",
    ],
)  # fmt: skip
async def test_a_businesss_payment(
    world: World, pays: Callable[..., None], cents: int, text: str, designation: Designation,
    expected: tuple[int, int, int],
) -> None:  # fmt: skip
    """Interest for the 43 days from 26 February to 9 April at 10.27 %: 1.21 EUR."""
    await owed_by_business(world)
    pays(cents, text)
    found = claim(world).claim
    assert (found.lines[-1].designation, credited(world)) == (designation, [expected])
    assert sum(expected) == cents
    assert stored(world) == (10_000 + 4_000 - expected[0] - expected[2], 10_000 - expected[2])
    assert found.state is (State.SETTLED if expected[2] >= 10_000 else State.OPEN)
    counted_again(world, BUSINESS, PAID + timedelta(100), protect=False)
    assert [each for each in find_faults(world) if each.broken] == []


@pytest.mark.parametrize(
    ("cents", "expected"),
    [(9_000, (0, 0, 9_000)), (10_000, (0, 0, 10_000)), (10_400, (400, 0, 10_000)), (10_774, (700, 74, 10_000))],
    ids=["a part", "the invoice", "some costs too", "everything"],
)
def test_a_consumers_payment_pays_the_invoice_that_it_names_first(
    world: World, pays: Callable[..., None], cents: int, expected: tuple[int, int, int]
) -> None:
    """Contested side costs never eat it: then costs, then interest (43 days at 6.27 %: 0.74 EUR)."""
    owed_by_consumer(world)
    pays(cents)
    assert credited(world) == [expected]
    counted_again(world, CONSUMER, PAID + timedelta(100), protect=True)


def test_a_consumers_money_that_names_nothing_pays_costs_and_interest_first(world: World, tmp_path: Path) -> None:
    """§ 367 (1) BGB, once a person has said whose money it is."""
    owed_by_consumer(world)
    move_to(world, PAID)
    (taken,) = take_in(world, [camt(tmp_path, "bank.xml", bank_transfer(5_000, "danke", PAID))])
    assert (taken.payments, taken.proposals, credited(world)) == (0, 1, [])
    with world.store.read() as session:
        payment_id = session.exec(select(PaymentProposalRow.id)).one()
    assert payment_id is not None
    assert book_payment(world, payment_id, MAREN, customer="K-1") == {"RE-1": 5_000}
    assert credited(world) == [(700, 74, 4_226)]
    counted_again(world, CONSUMER, PAID + timedelta(100), protect=True)


async def test_a_business_that_contests_pays_its_invoice_first(world: World, pays: Callable[..., None]) -> None:
    await owed_by_business(world)
    desk.hold_claim(world, "RE-1", HoldKind.DISPUTE, MAREN, FINAL)
    pays(9_000)
    assert credited(world) == [(0, 0, 9_000)]
    counted_again(world, BUSINESS, PAID + timedelta(100), protect=True)


# Value dates, whatever comes first


async def test_the_order_of_import_changes_nothing(world: World, pays: Callable[..., None]) -> None:
    """Three payments, of which two have the same value date, in each of their six orders."""
    payments = ((3_000, FINAL + timedelta(3)), (2_500, PAID), (1_500, PAID))
    orders = list(permutations(payments))
    numbers = [f"RE-{n}" for n in range(1, len(orders) + 1)]
    await owed_by_business(world, *numbers)
    for number, order in zip(numbers, orders, strict=True):
        for cents, on in order:
            pays(cents, number, on)
    assert {tuple(credited(world, number)) for number in numbers} == {
        ((3_000, 0, 0), (1_000, 121, 1_379), (0, 0, 1_500))
    }
    assert {stored(world, number) for number in numbers} == {(10_000 - 2_879, 10_000 - 2_879)}
    for number in numbers:
        counted_again(world, BUSINESS, PAID + timedelta(50), protect=False, number=number)


async def test_money_that_was_there_before_the_lump_sum_pays_none_of_it(
    world: World, pays: Callable[..., None]
) -> None:
    """The bank's file came late: what counts is the value date, on which no costs were owed."""
    await owed_by_business(world)
    pays(9_000, on=FINAL - timedelta(1))
    ((costs, interest, principal),) = credited(world)
    assert (costs, interest, principal) == (0, 93, 8_907)
    assert claim(world).claim.account.costs_cents == 4_000
    counted_again(world, BUSINESS, PAID, protect=False)


async def test_a_paid_cent_bears_no_interest_from_its_value_date_on(world: World, pays: Callable[..., None]) -> None:
    await owed_by_business(world)
    pays(14_120)
    later = counted_again(world, BUSINESS, date(2027, 1, 1), protect=False)
    assert (later.principal_cents, later.costs_cents, later.interest_cents) == (1, 0, 0)


async def test_a_returned_payment_owes_again_what_it_had_paid(world: World, pays: Callable[..., None]) -> None:
    await owed_by_business(world)
    pays(9_000)
    book(world, "RE-1", LineKind.RETURNED_PAYMENT, 9_000, PAID + timedelta(5))
    assert credited(world) == [(4_000, 121, 4_879), (-4_000, -121, -4_879)]
    assert stored(world) == (14_000, 10_000)
    counted_again(world, BUSINESS, PAID + timedelta(50), protect=False)


# At the agency


@pytest.mark.parametrize("cents", [5_000, 14_150], ids=["a part", "with interest"])
async def test_the_agency_is_told_the_whole_payment(world: World, pays: Callable[..., None], cents: int) -> None:
    """It credits by itself (§ 367 BGB), so it hears what came in, not what we made of it."""
    add_customer(world, kind="business")
    add_invoice(world, due_on=DUE_ON, agreed=Agreement.DATE)
    day = await climb(world)
    asked = propose_list(world, day)
    assert asked is not None
    await transfer(world, answer_list(world, asked.list_id, YES, day), day)
    pays(cents, on=day)
    ((costs, interest, _),) = credited(world)
    assert (costs, interest > 0) == (4_000, True)
    await catch_up(world, day)
    assert isinstance(world.agency, FakeAgency)
    assert [paid for _, paid, _ in world.agency.payments.values()] == [cents]
    with world.store.read() as session:
        assert session.exec(select(HandOverRow)).one().open_cents == 14_000 - cents
    know_payments(world, day)
    assert not any("agency" in each.what or each.broken for each in find_faults(world))
    assert effects_of(world)[-1].amount_cents == cents
