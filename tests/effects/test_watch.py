"""The watch: a sound house has no broken invariant; each fault that somebody's hand makes is found by name."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from dunning.evidence import EvidenceKind
from dunning.ledger import LineKind
from dunning.lifecycle import State
from tasks.desk import Act
from tasks.evidence import notice_came_back
from tasks.findings import MOST_NAMED, Finding
from tasks.hand_over.transfers import catch_up, transfer
from tasks.watch import find_faults
from tasks.world import World
from tests.effects.test_limitation_list import confirm
from tests.support.ladder import approved, climb, housed, reminders
from tests.support.world import MONDAY, add_customer, add_invoice, book, claim, know_payments, move_to, pay


def _said(world: World, *, broken: bool) -> str:
    return " | ".join(finding.what for finding in find_faults(world) if finding.broken is broken)


def _by_hand(world: World, statement: str) -> None:
    """Change a row past the program, as somebody with a database client could."""
    with world.store.write() as session:
        session.connection().execute(text(statement))


async def test_a_sound_house_has_no_fault(world: World) -> None:
    add_invoice(world, due_on=MONDAY - timedelta(20))
    add_invoice(world, "RE-2", due_on=MONDAY - timedelta(20))
    pay(world, "RE-2", 4_000, MONDAY)
    day = await climb(world, "RE-1")
    know_payments(world, day)
    assert find_faults(world) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE claim SET open_cents = open_cents - 1 WHERE number = 'RE-2'",
            "does not add up to the open amount: RE-2",
        ),
        (
            "UPDATE claim SET open_principal_cents = open_principal_cents - 1 WHERE number = 'RE-2'",
            "does not add up to the open amount: RE-2",
        ),
        (
            "UPDATE claim SET level = 1, last_sent_on = '2026-02-01' WHERE number = 'RE-2'",
            "not that of the last notice sent: RE-2",
        ),
        ("UPDATE effect SET payload = '{}' WHERE level = 1", "frozen messages were changed"),
    ],
    ids=["balance", "principal", "level", "payload"],
)
def test_what_somebody_changed_by_hand_is_found(world: World, statement: str, words: str) -> None:
    reminders(world, 1)
    add_invoice(world, "RE-2", due_on=MONDAY + timedelta(20))
    _by_hand(world, statement)
    assert words in _said(world, broken=True)


async def test_a_payment_that_was_credited_to_interest_is_no_fault(world: World) -> None:
    """The claim owes more than the sum of its bookings then, and only its account says how much."""
    add_invoice(world, due_on=MONDAY - timedelta(20))
    add_invoice(world, "RE-2", due_on=MONDAY - timedelta(20))
    day = await climb(world, "RE-1")
    book(world, "RE-1", LineKind.PAYMENT, -5_000, day)
    found = claim(world).claim
    assert found.open_cents > found.balance_cents == 5_000
    know_payments(world, day)
    assert find_faults(world) == []
    _by_hand(world, "UPDATE claim SET open_cents = 5000 WHERE number = 'RE-1'")
    assert _said(world, broken=True) == "the ledger does not add up to the open amount: RE-1"


async def test_a_booking_while_the_watch_looks_is_no_fault(world: World) -> None:
    add_invoice(world, due_on=MONDAY - timedelta(20))
    day = await climb(world, "RE-1")
    book(world, "RE-1", LineKind.PAYMENT, -5_000, day)
    booked: list[str] = []

    def book_meanwhile(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM ledger_entry" in statement and "sum" not in statement and not booked:
            booked.append(statement)
            pay(world, "RE-1", 1_000, day)

    event.listen(world.store.engine, "before_cursor_execute", book_meanwhile)
    assert (_said(world, broken=True), len(booked)) == ("", 1)


async def test_an_iban_that_is_not_ours_in_a_waiting_message_is_found(world: World) -> None:
    reminders(world, 1)
    other = world.settings.model_copy(
        update={"creditor": world.settings.creditor.model_copy(update={"iban": "DE02120300000000202051"})}
    )
    moved = World(other, world.policy, world.store, world.clock, world.mailer, world.agency)
    assert "frozen messages were changed" in _said(moved, broken=True)


@pytest.mark.parametrize(
    ("arrange", "words"),
    [
        (lambda world: know_payments(world, MONDAY - timedelta(10)), "payments are known up to 2026-02-20 only"),
        (lambda world: pay(world, "RE-1", 10_001, MONDAY), "more came in than was owed: RE-1"),
        (lambda world: add_invoice(world, "AT-1", due_on=MONDAY, customer="K-AT"), "no procedure for the country"),
    ],
    ids=["stale bank data", "overpaid", "country"],
)
def test_what_needs_a_look_is_said(world: World, arrange: Callable[[World], None], words: str) -> None:
    _by_hand(world, "DELETE FROM bank_statement")
    add_customer(world, "K-AT", country="AT", state="")
    add_invoice(world, due_on=MONDAY)
    arrange(world)
    assert words in _said(world, broken=False)
    assert _said(world, broken=True) == ""


async def test_a_payment_that_came_back_after_it_was_reported_is_said(world: World) -> None:
    ids, day = await approved(world)
    await transfer(world, ids, day)
    book(world, "RE-1", LineKind.RETURNED_PAYMENT, 5_000, day)
    assert "more is open than the agency knows: RE-1" in _said(world, broken=False)


async def test_the_agency_is_told_the_sum_of_the_bookings_and_credits_by_itself(world: World) -> None:
    """A payment that we credit to interest lowers the claim by less than the agency is told: no finding by itself."""
    ids, day = await approved(world)
    await transfer(world, ids, day)
    book(world, "RE-1", LineKind.PAYMENT, -5_000, day)
    assert claim(world).claim.open_cents > 5_000
    await catch_up(world, day)
    assert "the agency knows" not in _said(world, broken=False)
    book(world, "RE-1", LineKind.RETURNED_PAYMENT, 5_000, day)
    assert "more is open than the agency knows: RE-1" in _said(world, broken=False)


@pytest.mark.parametrize("transferred", [False, True], ids=["under way", "at the agency"])
async def test_a_case_whose_default_is_gone_is_said(world: World, transferred: bool) -> None:
    ids, day = await approved(world)
    if transferred:
        await transfer(world, ids, day)
    maren = Act("Maren", "mailbox unknown")
    assert notice_came_back(world, "RE-1", maren) == 3
    assert "no default" not in _said(world, broken=False), "the second notice still carries it"
    assert notice_came_back(world, "RE-1", maren) == 2
    assert Finding("no default on record any more: RE-1", "tell the agency") in find_faults(world)


def test_a_claim_that_is_not_in_default_yet_is_no_finding(world: World) -> None:
    add_invoice(world, due_on=MONDAY)
    know_payments(world, MONDAY)
    assert find_faults(world) == []


@pytest.mark.parametrize(("costs", "said"), [(500, False), (501, True)], ids=["waived", "left"])
def test_side_costs_that_nobody_demands_any_more_are_said(world: World, costs: int, said: bool) -> None:
    add_invoice(world, due_on=MONDAY)
    book(world, "RE-1", LineKind.BANK_FEE, costs, MONDAY)
    know_payments(world, MONDAY)
    assert find_faults(world) == [], "not while the invoice is open"
    pay(world, "RE-1", 10_000, MONDAY)
    left = Finding("side costs are left after the invoice was paid: RE-1", "demand them by hand or write a waiver")
    assert find_faults(world) == ([left] if said else [])


def test_a_rest_within_the_tolerance_is_no_side_cost(world: World) -> None:
    world = housed(world, tolerance_cents=100)
    add_invoice(world, due_on=MONDAY)
    know_payments(world, MONDAY)
    pay(world, "RE-1", 9_900, MONDAY)
    assert (claim(world).claim.state, find_faults(world)) == (State.SETTLED, [])


async def test_days_without_a_run_are_said(world: World) -> None:
    add_invoice(world, due_on=MONDAY - timedelta(20))
    day = await climb(world, "RE-1")
    move_to(world, day + timedelta(1))
    assert "last dunning run" not in _said(world, broken=False)
    move_to(world, day + timedelta(9))
    assert f"the last dunning run was on {day}" in _said(world, broken=False)


def _limitation(world: World, day: date) -> list[Finding]:
    move_to(world, day)
    know_payments(world, day)
    return [finding for finding in find_faults(world) if "limitation" in finding.what]


def test_claims_close_to_limitation_are_said_by_the_warning_that_is_reached(world: World) -> None:
    """Statements 63 and 65: 180, 90, 60, 30 and 14 days before 31 December, and no more once it is over."""
    for number in range(MOST_NAMED + 2):
        add_invoice(world, f"RE-{number:02}", due_on=date(2023, 4, 1))
    add_invoice(world, "PAID", due_on=date(2023, 4, 1))
    pay(world, "PAID", 10_000, date(2023, 4, 1))
    add_invoice(world, "LATE", due_on=date(2024, 1, 1))
    assert _limitation(world, date(2026, 7, 3)) == []
    for day, days in (("2026-07-04", 180), ("2026-10-02", 90), ("2026-11-23", 60), ("2026-12-31", 14)):
        (finding,) = _limitation(world, date.fromisoformat(day))
        assert finding.what.startswith(f"barred by limitation within {days} days: RE-00, RE-01, ")
        assert finding.what.endswith("RE-09 and 2 more")
        assert finding.todo == (
            "a notice or an agency stops nothing; a court order must be applied for before the day: "
            "see `mahnlauf limitation`"
        )
        assert not finding.broken
    assert _limitation(world, date(2027, 1, 1)) == []


def test_each_warning_that_is_reached_is_a_finding_of_its_own(world: World) -> None:
    """Claims that were acknowledged end on other days than 31 December."""
    for number, acknowledged in (("RE-1", None), ("RE-2", "2024-02-01"), ("RE-3", "2024-05-01")):
        add_invoice(world, number, due_on=date(2023, 4, 1))
        if acknowledged:
            confirm(world, number, EvidenceKind.ACKNOWLEDGED, date.fromisoformat(acknowledged))
    assert [finding.what for finding in _limitation(world, date(2026, 12, 2))] == [
        "barred by limitation within 30 days: RE-1",
        "barred by limitation within 90 days: RE-2",
        "barred by limitation within 180 days: RE-3",
    ]
