"""A claim's balance, state, day and version move together, whoever comes first."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, update
from sqlmodel import col, select

from dunning.decision import next_look
from dunning.default import Agreement
from dunning.errors import RuleViolation
from dunning.ledger import Designation, Line, LineKind
from dunning.lifecycle import Event, State
from dunning.reasons import HoldKind
from tasks import booking, desk
from tasks.ladder import runs
from tasks.ladder.record import record_steps
from tasks.ladder.survey import circumstances, due_claims, survey
from tasks.store import audit, changes
from tasks.store.tables import AuditRow, ClaimRow, DecisionRow, EffectRow, HandOverRow
from tasks.world import World
from tests.support.naive_allocation import naive_account
from tests.support.world import MONDAY, add_invoice, book, claim, know_payments, pay

LOWERS = (LineKind.PAYMENT, LineKind.CREDIT_NOTE, LineKind.WRITE_OFF, LineKind.WAIVER)
DUE_ON = MONDAY - timedelta(30)
BOOKINGS = st.lists(
    st.tuples(
        st.sampled_from(sorted(set(LineKind) - {LineKind.INTEREST, LineKind.FEE})),
        st.integers(1, 15_000),
        st.sampled_from(Designation),
    ),
    max_size=6,
)
"""Kind, cents and, of a payment, its designation. A fee comes with its notice only, and interest is never booked."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bookings=BOOKINGS)
def test_the_balance_is_what_is_left_of_the_ledger(
    world: World, bookings: list[tuple[LineKind, int, Designation]]
) -> None:
    """Of a claim without interest, counted a second time by hand; a waiver takes no more than there are side costs."""
    number = f"RE-{_count(world)}"
    add_invoice(world, number, due_on=DUE_ON)
    for turn, (kind, cents, designation) in enumerate(bookings):
        before = claim(world, number)
        book(world, number, kind, -cents if kind in LOWERS else cents, MONDAY, f"{number}|{turn}", designation)
        now = claim(world, number)
        with world.store.read() as session:
            row = session.exec(select(ClaimRow).where(ClaimRow.number == number)).one()
        sheet = naive_account(now.claim.lines, MONDAY, MONDAY, points=5, bears=lambda day: False)
        assert (row.open_principal_cents, row.open_cents) == (sheet.principal, sheet.principal + sheet.costs)
        assert now.version == before.version + 1
        assert (now.claim.state is State.SETTLED) == (row.open_principal_cents <= 0)
        assert now.dunnable_from == next_look(now.claim, world.policy)


def test_a_booking_counts_once_whoever_brings_it(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    before = claim(world)
    pay(world, "RE-1", 4_000, MONDAY, "bank|a|0")
    pay(world, "RE-1", 4_000, MONDAY, "bank|a|0")
    assert (claim(world).claim.open_cents, claim(world).version) == (6_000, before.version + 1)
    with world.store.write() as session:
        claim_id = claim(world).claim_id
        twice = [booking.Booking(claim_id, LineKind.PAYMENT, -1_000, MONDAY, name) for name in ("bank|a|0", "bank|a|1")]
        new = booking.book(session, twice, world.policy, actor="test", reason="paid", at=world.clock.now())
    assert [each.fingerprint for each in new] == ["bank|a|1"]
    assert claim(world).claim.open_cents == 5_000


def test_a_change_is_written_with_who_and_why(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    pay(world, "RE-1", 10_000, MONDAY)
    book(world, "RE-1", LineKind.RETURNED_PAYMENT, 10_000, MONDAY)
    with world.store.read() as session:
        rows = session.exec(select(AuditRow).order_by(col(AuditRow.seq))).all()
        assert audit.verify(session) is None
    assert [(row.actor, row.subject, row.event, row.from_state, row.to_state, row.reason) for row in rows] == [
        ("intake", "claim RE-1", "facts_changed", "open", "open", "invoice taken in"),
        ("test", "claim RE-1", "paid_off", "open", "settled", "payment booked"),
        ("test", "claim RE-1", "reopened", "settled", "open", "returned_payment booked"),
    ]
    assert [row.at for row in rows] == [world.clock.now()] * 3


@pytest.mark.parametrize(("costs", "waived"), [(499, True), (500, True), (501, False)], ids=["below", "limit", "above"])
def test_side_costs_that_are_left_keep_no_claim_open(world: World, costs: int, waived: bool) -> None:
    """Up to 5.00 they are waived at once; above it a person looks."""
    add_invoice(world, due_on=DUE_ON)
    book(world, "RE-1", LineKind.BANK_FEE, costs, MONDAY)
    pay(world, "RE-1", 10_000, MONDAY)
    found = claim(world).claim
    assert (found.state, found.open_cents) == (State.SETTLED, 0 if waived else costs)
    assert [line for line in found.lines if line.kind is LineKind.WAIVER] == (
        [Line(LineKind.WAIVER, MONDAY, -costs)] if waived else []
    )


def test_nothing_is_waived_while_the_invoice_is_open(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    book(world, "RE-1", LineKind.BANK_FEE, 300, MONDAY)
    pay(world, "RE-1", 9_999, MONDAY)
    assert (claim(world).claim.state, claim(world).claim.open_cents) == (State.OPEN, 301)


def test_what_was_waived_stays_waived_when_the_payment_comes_back(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    book(world, "RE-1", LineKind.BANK_FEE, 300, MONDAY)
    for turn in ("a", "b"):
        pay(world, "RE-1", 10_000, MONDAY, turn)
        book(world, "RE-1", LineKind.RETURNED_PAYMENT, 10_000, MONDAY, f"back {turn}")
    found = claim(world).claim
    assert (found.state, found.open_cents, found.open_principal_cents) == (State.OPEN, 10_000, 10_000)
    assert [line.cents for line in found.lines if line.kind is LineKind.WAIVER] == [-300]


def test_a_move_that_the_table_does_not_have_changes_nothing(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    before = claim(world)
    too_early = changes.Change(before.claim_id, "test", "too early", Event.HAND_OVER_APPROVED)
    with pytest.raises(RuleViolation), world.store.write() as session:
        changes.apply(session, [too_early], world.policy, world.clock.now())
    assert claim(world).version == before.version


def test_one_change_a_claim_and_transaction(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    twice = [changes.Change(claim(world).claim_id, "test", "twice")] * 2
    with pytest.raises(AssertionError, match="one change a claim"), world.store.write() as session:
        changes.apply(session, twice, world.policy, world.clock.now())


@pytest.mark.parametrize("kind", ["payment", "hold"])
@pytest.mark.parametrize("level", [0, 3], ids=["a notice", "a hand-over"])
def test_what_happens_between_decision_and_record_wins(world: World, level: int, kind: str) -> None:
    """The claim changed after it was looked at: nothing is recorded, and the other claim's step goes on."""
    for number in ("RE-1", "RE-2"):
        add_invoice(world, number, due_on=DUE_ON, agreed=Agreement.DATE)
    know_payments(world, MONDAY)
    if level:
        _lift(world, level)
    run_id = runs.open_run(world, MONDAY)
    with world.store.read() as session:
        seen = circumstances(session, world.settings)
        answers = survey(session, due_claims(session, MONDAY), world.policy, MONDAY, seen)
    assert [each.acts for each in answers] == [True, True]
    if kind == "payment":
        pay(world, "RE-1", 1, MONDAY)
    else:
        desk.hold_claim(world, "RE-1", HoldKind.DISPUTE, desk.Act("Maren", "letter"), MONDAY)
    before = claim(world)
    recorded = record_steps(world, answers, run_id, MONDAY, seen)
    assert [each.number for each in recorded.answers] == ["RE-2"]
    assert (claim(world).version, claim(world).claim.state) == (before.version, State.OPEN)
    with world.store.read() as session:
        for table in (HandOverRow if level else EffectRow, DecisionRow):
            assert session.exec(select(table.claim_id)).all() == [claim(world, "RE-2").claim_id]


def _lift(world: World, level: int) -> None:
    """Put every claim on a level, as if its notices had been sent long ago."""
    long_ago = MONDAY - timedelta(25)
    with world.store.write() as session:
        session.connection().execute(
            update(ClaimRow).values(
                level=level, last_sent_on=long_ago, last_pay_until=long_ago, dunnable_from=MONDAY, version=7
            )
        )


def _count(world: World) -> int:
    with world.store.read() as session:
        return session.exec(select(func.count()).select_from(ClaimRow)).one()
