"""What a clerk does at the desk reaches every claim it concerns, with a name and a reason."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import col, select, update

from dunning.calendar import GermanCalendar
from dunning.claim import Hold
from dunning.errors import RunRefused
from dunning.lifecycle import State
from dunning.reasons import HoldKind, Reason
from tasks import desk
from tasks.desk import Act
from tasks.store.tables import AuditRow, ClaimRow, HoldRow
from tasks.world import World
from tests.support.world import MONDAY, add_invoice, claim, pay, run_day

MAREN = Act("Maren", "phone call")
DUE_ON = MONDAY - timedelta(30)


@pytest.fixture
def shop(world: World) -> World:
    """Two invoices of K-1, one of them paid, and one of K-2."""
    add_invoice(world, "RE-1", due_on=DUE_ON)
    add_invoice(world, "RE-2", due_on=DUE_ON)
    add_invoice(world, "RE-3", due_on=DUE_ON, customer="K-2")
    pay(world, "RE-2", 10_000, MONDAY)
    return world


def _versions(world: World) -> list[int]:
    return [claim(world, number).version for number in ("RE-1", "RE-2", "RE-3")]


def _acts(world: World) -> list[tuple[str, str, str, str]]:
    with world.store.read() as session:
        rows = session.exec(select(AuditRow).where(AuditRow.actor == "Maren").order_by(col(AuditRow.seq)))
        return [(row.subject, row.event, row.to_state, row.reason) for row in rows]


def test_a_hold_stops_its_claim_and_no_other(shop: World) -> None:
    before = _versions(shop)
    for kind in HoldKind:
        desk.hold_claim(shop, "RE-1", kind, MAREN, MONDAY, MONDAY + timedelta(3))
    assert claim(shop).claim.holds_on(MONDAY) == tuple(Reason(kind) for kind in HoldKind)
    assert claim(shop, "RE-3").claim.holds == ()
    assert _versions(shop) == [before[0] + len(HoldKind), *before[1:]]
    assert _acts(shop)[0] == ("claim RE-1", "facts_changed", "open", "hold dispute: phone call")


@pytest.mark.parametrize(
    ("day", "holds"), [(-1, False), (0, True), (3, True), (4, False)], ids=["before", "first", "last", "after"]
)
async def test_a_hold_counts_from_its_first_to_its_last_day(shop: World, day: int, holds: bool) -> None:
    on = MONDAY + timedelta(1)
    desk.hold_claim(shop, "RE-1", HoldKind.DISPUTE, MAREN, on, on + timedelta(3))
    plan = await run_day(shop, on + timedelta(day))
    answers = {each.number: each.text for each in plan.answers}
    assert answers["RE-1"] == ("blocked:dispute" if holds else "send_notice:1")
    assert answers["RE-3"] == "send_notice:1"


def test_a_customers_hold_reaches_all_that_is_open(shop: World) -> None:
    before = _versions(shop)
    desk.hold_customer(shop, "K-1", HoldKind.INSOLVENCY, MAREN, MONDAY)
    assert [claim(shop, number).claim.holds_on(MONDAY) for number in ("RE-1", "RE-3")] == [(Reason.INSOLVENCY,), ()]
    assert _versions(shop) == [before[0] + 1, before[1], before[2]]


@pytest.mark.parametrize(
    ("from_on", "pay_until", "until_on"),
    [(MONDAY, date(2026, 3, 6), date(2026, 3, 11)), (date(2026, 3, 20), date(2026, 4, 2), date(2026, 4, 9))],
    ids=["over a weekend", "over Easter"],
)
def test_a_promise_holds_until_the_money_can_have_arrived(
    shop: World, from_on: date, pay_until: date, until_on: date
) -> None:
    desk.promise_to_pay(shop, "RE-1", pay_until, MAREN, from_on)
    (hold,) = claim(shop).claim.holds
    assert hold == Hold(HoldKind.PROMISE_TO_PAY, from_on, until_on)
    assert until_on == GermanCalendar("BE").add_bank_days(pay_until, 3)


@pytest.mark.parametrize(("day", "noted"), [(13, True), (14, True), (15, False)], ids=["before", "last", "after"])
def test_a_promise_pauses_for_14_days_at_most(shop: World, day: int, noted: bool) -> None:
    if noted:
        desk.promise_to_pay(shop, "RE-1", MONDAY + timedelta(day), MAREN, MONDAY)
    else:
        with pytest.raises(RunRefused, match="a promise counts up to 2026-03-16") as refused:
            desk.promise_to_pay(shop, "RE-1", MONDAY + timedelta(day), MAREN, MONDAY)
        assert refused.value.reason == "promise_too_long"
    assert bool(claim(shop).claim.holds) == noted


def test_a_claim_has_two_promises_whatever_became_of_them(shop: World) -> None:
    desk.promise_to_pay(shop, "RE-1", MONDAY + timedelta(2), MAREN, MONDAY)
    desk.release_claim(shop, "RE-1", MAREN)
    desk.hold_claim(shop, "RE-1", HoldKind.DISPUTE, MAREN, MONDAY)
    desk.promise_to_pay(shop, "RE-1", MONDAY + timedelta(9), MAREN, MONDAY)
    long_after = MONDAY + timedelta(40)
    with pytest.raises(RunRefused, match="RE-1 has had its 2 promises") as refused:
        desk.promise_to_pay(shop, "RE-1", long_after + timedelta(1), MAREN, long_after)
    assert refused.value.reason == "promises_used_up"
    desk.promise_to_pay(shop, "RE-3", long_after + timedelta(1), MAREN, long_after)
    with shop.store.read() as session:
        noted = session.exec(select(HoldRow).where(HoldRow.kind == HoldKind.PROMISE_TO_PAY)).all()
    assert sorted(row.claim_id or 0 for row in noted) == sorted(
        claim(shop, number).claim_id for number in ("RE-1", "RE-1", "RE-3")
    )


@pytest.mark.parametrize("whole_customer", [False, True], ids=["claim", "customer"])
@pytest.mark.parametrize(
    ("kind", "named", "until_on"),
    [
        (HoldKind.RETURN_ANNOUNCED, None, MONDAY + timedelta(21)),
        (HoldKind.RETURN_ANNOUNCED, MONDAY + timedelta(20), MONDAY + timedelta(20)),
        (HoldKind.RETURN_ANNOUNCED, MONDAY + timedelta(21), MONDAY + timedelta(21)),
        (HoldKind.MANUAL, None, MONDAY + timedelta(30)),
        (HoldKind.MANUAL, MONDAY + timedelta(90), MONDAY + timedelta(90)),
        (HoldKind.DISPUTE, None, None),
        (HoldKind.DEFERRAL, MONDAY + timedelta(90), MONDAY + timedelta(90)),
    ],
)
def test_a_form_that_names_no_last_day_gets_the_kinds_own(
    shop: World, kind: HoldKind, named: date | None, until_on: date | None, whole_customer: bool
) -> None:
    placed = desk.place_hold(shop, "RE-1", kind, MAREN, MONDAY, named, whole_customer=whole_customer)
    assert placed == until_on
    held = {number for number in ("RE-1", "RE-2", "RE-3") if claim(shop, number).claim.holds}
    assert held == ({"RE-1", "RE-2"} if whole_customer else {"RE-1"})
    assert claim(shop).claim.holds == (Hold(kind, MONDAY, until_on),)


@pytest.mark.parametrize("kind", [HoldKind.RETURN_ANNOUNCED, HoldKind.MANUAL, HoldKind.DISPUTE])
def test_what_is_placed_without_a_form_and_a_last_day_has_an_open_end(shop: World, kind: HoldKind) -> None:
    desk.hold_claim(shop, "RE-1", kind, MAREN, MONDAY)
    desk.hold_customer(shop, "K-2", kind, MAREN, MONDAY)
    assert [claim(shop, number).claim.holds for number in ("RE-1", "RE-3")] == [(Hold(kind, MONDAY),)] * 2


def test_a_promise_from_abroad_holds_to_its_day(world: World) -> None:
    add_invoice(world, due_on=DUE_ON)
    with world.store.write() as session:
        found = claim(world).customer
        found.country = "FR"
        session.add(found)
    desk.promise_to_pay(world, "RE-1", date(2026, 3, 6), MAREN, MONDAY)
    assert claim(world).claim.holds[0].until_on == date(2026, 3, 6)


def test_a_release_ends_the_claims_own_holds_only(shop: World) -> None:
    desk.hold_customer(shop, "K-1", HoldKind.MANUAL, MAREN, MONDAY)
    for kind in (HoldKind.DISPUTE, HoldKind.RETURN_ANNOUNCED):
        desk.hold_claim(shop, "RE-1", kind, MAREN, MONDAY)
    desk.hold_claim(shop, "RE-3", HoldKind.DISPUTE, MAREN, MONDAY)
    assert claim(shop).claim.holds_on(MONDAY) == (Reason.MANUAL, Reason.DISPUTE, Reason.RETURN_ANNOUNCED)
    before = claim(shop).version
    assert desk.release_claim(shop, "RE-1", Act("Tjark", "settled by letter")) == 2
    assert claim(shop).claim.holds_on(MONDAY) == (Reason.MANUAL,)
    assert (claim(shop).version, claim(shop, "RE-3").claim.holds_on(MONDAY)) == (before + 1, (Reason.DISPUTE,))
    with shop.store.read() as session:
        row = session.exec(select(HoldRow).where(HoldRow.kind == "return_announced")).one()
    assert {hold.kind: hold.released_on for hold in claim(shop).claim.holds} == {
        HoldKind.MANUAL: None,
        HoldKind.DISPUTE: MONDAY,
        HoldKind.RETURN_ANNOUNCED: MONDAY,
    }
    assert (row.placed_by, row.note) == ("Maren", "phone call")
    assert (row.released_by, row.release_note, row.released_at) == ("Tjark", "settled by letter", shop.clock.now())
    with pytest.raises(RunRefused) as refused:
        desk.release_claim(shop, "RE-1", MAREN)
    assert refused.value.reason == "nothing_to_release"


def test_a_release_puts_a_claim_back_on_the_ladder(shop: World) -> None:
    with shop.store.write() as session:
        off = update(ClaimRow).where(col(ClaimRow.number) == "RE-1")
        session.connection().execute(off.values(state=State.IN_MANUAL_HANDS, dunnable_from=None))
    assert desk.release_claim(shop, "RE-1", MAREN) == 0
    assert claim(shop).claim.state is State.OPEN
    assert claim(shop).dunnable_from is not None
    assert _acts(shop) == [("claim RE-1", "resumed", "open", "phone call")]


def test_a_customers_holds_are_released_together_and_his_claims_know(shop: World) -> None:
    desk.hold_customer(shop, "K-1", HoldKind.INSOLVENCY, MAREN, MONDAY)
    desk.hold_customer(shop, "K-1", HoldKind.MANUAL, MAREN, MONDAY)
    desk.hold_claim(shop, "RE-1", HoldKind.DISPUTE, MAREN, MONDAY)
    before = _versions(shop)
    assert desk.release_customer(shop, "RE-1", MAREN) == 2
    assert claim(shop).claim.holds_on(MONDAY) == (Reason.DISPUTE,)
    assert _versions(shop) == [before[0] + 1, *before[1:]]
    with pytest.raises(RunRefused, match="the customer of RE-1 has no hold"):
        desk.release_customer(shop, "RE-1", MAREN)


RETURN = HoldKind.RETURN_ANNOUNCED
REFUSED: list[tuple[str, Callable[[World], object]]] = [
    ("unknown_invoice", lambda world: desk.hold_claim(world, "RE-9", HoldKind.DISPUTE, MAREN, MONDAY)),
    ("unknown_invoice", lambda world: desk.promise_to_pay(world, "RE-9", MONDAY, MAREN, MONDAY)),
    ("unknown_invoice", lambda world: desk.release_claim(world, "RE-9", MAREN)),
    ("unknown_customer", lambda world: desk.hold_customer(world, "K-9", HoldKind.DISPUTE, MAREN, MONDAY)),
    ("nothing_to_release", lambda world: desk.release_claim(world, "RE-1", MAREN)),
    (
        "hold_ends_before_it_begins",
        lambda world: desk.hold_claim(world, "RE-1", HoldKind.DISPUTE, MAREN, MONDAY, MONDAY - timedelta(1)),
    ),
    (
        "hold_ends_before_it_begins",
        lambda world: desk.promise_to_pay(world, "RE-1", MONDAY - timedelta(10), MAREN, MONDAY),
    ),
    ("promise_too_long", lambda world: desk.promise_to_pay(world, "RE-1", MONDAY + timedelta(15), MAREN, MONDAY)),
    ("promise_is_no_hold", lambda world: desk.place_hold(world, "RE-1", HoldKind.PROMISE_TO_PAY, MAREN, MONDAY)),
    ("hold_too_long", lambda world: desk.place_hold(world, "RE-1", RETURN, MAREN, MONDAY, MONDAY + timedelta(22))),
    ("unknown_invoice", lambda world: desk.place_hold(world, "RE-9", RETURN, MAREN, MONDAY, whole_customer=True)),
]


@pytest.mark.parametrize(("reason", "act"), REFUSED)
def test_what_cannot_be_is_refused_and_changes_nothing(
    shop: World, reason: str, act: Callable[[World], object]
) -> None:
    before = _versions(shop)
    with pytest.raises(RunRefused) as refused:
        act(shop)
    assert refused.value.reason == reason
    assert (_versions(shop), _acts(shop)) == (before, [])
    with shop.store.read() as session:
        assert session.exec(select(HoldRow)).all() == []
