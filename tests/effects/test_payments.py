"""Payments that a person books or dismisses: on the claims named, else by § 366 (2) BGB; once, and to the cent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from dunning.errors import RunRefused
from dunning.facts import BankEntry, BankStatement
from dunning.ledger import Designation, Line, LineKind
from tasks.desk import Act
from tasks.intake.take_statements import take_statements
from tasks.payments import book_payment, dismiss_payment
from tasks.store.tables import AuditRow
from tasks.world import World
from tests.support.world import MONDAY, add_invoice, came_in, claim

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


REFUSED: list[tuple[str, Callable[[World], object]]] = [
    ("unknown_payment", lambda world: book_payment(world, 99, MAREN, invoices=["RE-1"])),
    ("unknown_payment", lambda world: dismiss_payment(world, 99, MAREN)),
    ("unknown_invoice", lambda world: book_payment(world, came_in(world, 1), MAREN, invoices=["RE-9"])),
    ("nothing_open", lambda world: book_payment(world, came_in(world, 1), MAREN, customer="K-9")),
    ("nothing_open", lambda world: book_payment(world, came_in(world, 1), MAREN)),
    ("other_currency", lambda world: book_payment(world, came_in(world, 1, currency="CHF"), MAREN, invoices=["RE-1"])),
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
