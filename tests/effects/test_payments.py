"""Payments that a person books or dismisses: on the claims named, else by § 366 (2) BGB; once, and to the cent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from dunning.default import Agreement
from dunning.errors import RunRefused
from dunning.facts import BankEntry, BankStatement
from dunning.ledger import Designation, Line, LineKind
from dunning.lifecycle import State
from dunning.reasons import Reason
from tasks.desk import Act
from tasks.intake.take_statements import take_statements
from tasks.payments import book_payment, book_return, dismiss_payment
from tasks.store.tables import AuditRow, InvoiceRow
from tasks.world import World
from tests.support.world import MONDAY, add_invoice, came_in, claim, pay

MAREN = Act("Maren", "the customer said so on the phone")


@pytest.fixture
def shop(world: World) -> World:
    """Three invoices of K-1 over 100.00 EUR each, one not due yet; one of K-2."""
    add_invoice(world, "RE-1", due_on=MONDAY - timedelta(20))
    add_invoice(world, "RE-2", due_on=MONDAY - timedelta(30))
    add_invoice(world, "RE-3", due_on=MONDAY + timedelta(5))
    add_invoice(world, "RE-4", due_on=MONDAY - timedelta(40), customer="K-2")
    return world


def paid_on(world: World, number: str) -> list[Line]:
    return [line for line in claim(world, number).claim.lines if line.kind is LineKind.PAYMENT]


def test_what_a_person_names_is_paid_in_that_order(shop: World) -> None:
    payment = came_in(shop, 15_000)
    assert book_payment(shop, payment, MAREN, invoices=["RE-3", "RE-1"]) == {"RE-3": 10_000, "RE-1": 5_000}
    assert paid_on(shop, "RE-1") == [Line(LineKind.PAYMENT, MONDAY, -5_000, designation=Designation.CLAIM)]
    assert [claim(shop, number).claim.open_cents for number in ("RE-1", "RE-2", "RE-3")] == [5_000, 10_000, 0]


def test_without_a_name_the_law_says_which_claim_is_paid(shop: World) -> None:
    """§ 366 (2) BGB: the due ones before the one that is not, the older first; nobody else's."""
    payment = came_in(shop, 15_000)
    assert book_payment(shop, payment, MAREN, customer="K-1") == {"RE-2": 10_000, "RE-1": 5_000}
    assert paid_on(shop, "RE-1") == [Line(LineKind.PAYMENT, MONDAY, -5_000)]
    assert (paid_on(shop, "RE-3"), paid_on(shop, "RE-4")) == ([], [])


def test_what_is_left_over_is_a_credit_balance(shop: World) -> None:
    payment = came_in(shop, 10_001)
    assert book_payment(shop, payment, MAREN, invoices=["RE-4"]) == {"RE-4": 10_001}
    assert claim(shop, "RE-4").claim.open_cents == -1


def test_a_double_click_books_once(shop: World) -> None:
    payment = came_in(shop, 2_000)
    book_payment(shop, payment, MAREN, invoices=["RE-1"])
    with pytest.raises(RunRefused, match="was booked by Maren"):
        book_payment(shop, payment, MAREN, invoices=["RE-1"])
    assert claim(shop, "RE-1").claim.open_cents == 8_000
    with shop.store.read() as session:
        acts = session.exec(select(AuditRow.event).where(AuditRow.subject == f"payment {payment}")).all()
    assert list(acts) == ["payment_booked"]


def test_a_dismissed_payment_is_off_the_list(shop: World) -> None:
    payment = came_in(shop, 2_000)
    dismiss_payment(shop, payment, MAREN)
    with pytest.raises(RunRefused, match="was dismissed by Maren"):
        book_payment(shop, payment, MAREN, invoices=["RE-1"])


def test_the_same_statement_again_does_not_bring_it_back(shop: World) -> None:
    payment = came_in(shop, 2_000)
    book_payment(shop, payment, MAREN, invoices=["RE-1", "RE-2"])
    with shop.store.write() as session:
        iban = shop.settings.creditor.iban
        entry = BankEntry(MONDAY, MONDAY, 2_000, "EUR", "thanks")
        again = take_statements(session, shop, [BankStatement(iban, "EUR", None, None, MONDAY, MONDAY, (entry,))], 1)
    assert (again.payments, again.proposals, again.known) == (0, 0, 1)


def _paid_and_returned(world: World, cents: int = -10_000, reason: str = "AC04") -> int:
    """RE-1 was paid and the money went back; returns the return's id."""
    pay(world, "RE-1", 10_000, MONDAY - timedelta(10))
    assert claim(world, "RE-1").claim.state is State.SETTLED
    return came_in(world, cents, return_reason=reason)


def test_a_return_opens_its_claim_again(shop: World) -> None:
    payment = _paid_and_returned(shop)
    assert book_return(shop, payment, "RE-1", MAREN) == 10_000
    found = claim(shop, "RE-1").claim
    assert (found.state, found.open_cents, found.holds) == (State.OPEN, 10_000, ())
    with pytest.raises(RunRefused, match="was booked by Maren"):
        book_return(shop, payment, "RE-1", MAREN)


@pytest.mark.parametrize(
    ("went_out", "responsible", "open_cents", "fee"),
    [(10_000, True, 10_320, 320), (10_000, False, 10_000, 0), (10_320, True, 10_320, 320), (10_320, False, 10_000, 0)],
    ids=["to blame", "not to blame", "in one booking, to blame", "in one booking, not to blame"],
)
def test_the_banks_fee_is_charged_to_who_is_to_blame(
    shop: World, went_out: int, responsible: bool, open_cents: int, fee: int
) -> None:
    with shop.store.write() as session:  # in default, else nobody owes a fee
        session.exec(select(InvoiceRow).where(InvoiceRow.number == "RE-1")).one().due_agreed = Agreement.DATE
    payment = _paid_and_returned(shop, -went_out)
    book_return(shop, payment, "RE-1", MAREN, fee_cents=320, debtor_responsible=responsible)
    found = claim(shop, "RE-1").claim
    assert (found.open_cents, found.open_principal_cents, found.account.costs_cents) == (open_cents, 10_000, fee)


@pytest.mark.parametrize(("reason", "held"), [("MD01", True), ("MD06", True), ("AC04", False), ("AM04", False)])
def test_a_return_that_contests_the_payment_puts_the_claim_on_hold(shop: World, reason: str, held: bool) -> None:
    book_return(shop, _paid_and_returned(shop, reason=reason), "RE-1", MAREN)
    assert claim(shop, "RE-1").claim.holds_on(MONDAY) == ((Reason.CHARGEBACK,) if held else ())


def test_a_payment_goes_back_once(shop: World) -> None:
    book_return(shop, _paid_and_returned(shop), "RE-1", MAREN)
    again = came_in(shop, -10_000, text="again", return_reason="AC04")
    with pytest.raises(RunRefused, match="no payment of that amount is left on RE-1"):
        book_return(shop, again, "RE-1", MAREN)


REFUSED: list[tuple[str, Callable[[World], object]]] = [
    ("unknown_payment", lambda world: book_payment(world, 99, MAREN, invoices=["RE-1"])),
    ("unknown_payment", lambda world: dismiss_payment(world, 99, MAREN)),
    ("unknown_invoice", lambda world: book_payment(world, came_in(world, 1), MAREN, invoices=["RE-9"])),
    ("nothing_open", lambda world: book_payment(world, came_in(world, 1), MAREN, customer="K-9")),
    ("nothing_open", lambda world: book_payment(world, came_in(world, 1), MAREN)),
    ("other_currency", lambda world: book_payment(world, came_in(world, 1, currency="CHF"), MAREN, invoices=["RE-1"])),
    ("no_such_payment", lambda world: book_return(world, came_in(world, -1, return_reason="AC04"), "RE-1", MAREN)),
    ("fee_too_high", lambda world: book_return(world, came_in(world, -1), "RE-1", MAREN, fee_cents=501)),
    ("fee_too_high", lambda world: book_return(world, came_in(world, -1), "RE-1", MAREN, fee_cents=-1)),
    ("unknown_invoice", lambda world: book_return(world, came_in(world, -1), "RE-9", MAREN)),
    ("no_incoming_money", lambda world: book_payment(world, came_in(world, -1), MAREN, invoices=["RE-1"])),
]


@pytest.mark.parametrize(("reason", "act"), REFUSED)
def test_what_does_not_fit_is_refused_and_books_nothing(
    shop: World, reason: str, act: Callable[[World], object]
) -> None:
    with pytest.raises(RunRefused) as refused:
        act(shop)
    assert refused.value.reason == reason
    assert [paid_on(shop, number) for number in ("RE-1", "RE-2", "RE-3", "RE-4")] == [[], [], [], []]
