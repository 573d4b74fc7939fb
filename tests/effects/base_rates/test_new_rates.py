"""A base rate that comes late changes what an earlier payment paid: the claims are credited anew, and only they."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import col, select

from dunning.base_rates import BaseRate
from dunning.default import Agreement
from dunning.ledger import LineKind
from dunning.lifecycle import State
from tasks.ladder import runs
from tasks.store import base_rates
from tasks.store.tables import AuditRow, ClaimRow
from tasks.watch import find_faults
from tasks.world import World
from tests.support.world import add_customer, add_invoice, book, claim, know_payments, move_to

DUE_ON = date(2026, 11, 2)
PAID = date(2027, 2, 1)
"""In a half-year whose rate nobody has confirmed yet."""


@pytest.fixture
def shop(world: World) -> World:
    """A business that pays a part on `PAID` (RE-1), one that pays nothing (RE-2), a consumer not in default (RE-3)."""
    move_to(world, PAID)
    know_payments(world, PAID)
    add_customer(world, "K-2", kind="business")
    for number in ("RE-1", "RE-2"):
        add_invoice(world, number, due_on=DUE_ON, customer="K-2", agreed=Agreement.DATE)
    add_invoice(world, "RE-3", due_on=DUE_ON)
    book(world, "RE-1", LineKind.PAYMENT, -5_000, PAID)
    return world


def _confirm(world: World, bps: int = 152) -> None:
    with world.store.write() as session:
        rates = [BaseRate(date(2027, 1, 1), bps, "Bundesanzeiger")]
        assert base_rates.confirm(session, rates, "Maren", world.clock.now()) == rates


def _stored(world: World, number: str = "RE-1") -> tuple[int, int]:
    with world.store.read() as session:
        row = session.exec(select(ClaimRow).where(ClaimRow.number == number)).one()
    return row.open_cents, row.version


def _broken(world: World) -> list[str]:
    return [each.what for each in find_faults(world) if each.broken]


def test_days_without_a_rate_bear_nothing_until_it_is_confirmed(shop: World) -> None:
    """10.52 % for the 59 days of 2026: 1.70 EUR of the payment is interest, the rest principal."""
    assert _stored(shop)[0] == 10_000 - 5_000 + 170


def test_the_next_run_credits_anew_what_the_rate_changes(shop: World) -> None:
    """31 days more at 10.52 %: 0.89 EUR more of interest, and so much less of principal."""
    before = {number: _stored(shop, number) for number in ("RE-1", "RE-2", "RE-3")}
    _confirm(shop)
    assert _broken(shop) == [], "the watch knows that this is still to come"
    assert runs.follow_new_policy(shop) == 2
    open_cents, version = before["RE-1"]
    assert _stored(shop) == (open_cents + 89, version + 1)
    assert [_stored(shop, number) for number in ("RE-2", "RE-3")] == [before["RE-2"], before["RE-3"]]
    assert (_broken(shop), runs.follow_new_policy(shop)) == ([], 0)
    with shop.store.read() as session:
        (act,) = session.exec(select(AuditRow).where(AuditRow.actor == "base rates").order_by(col(AuditRow.seq))).all()
    assert (act.subject, act.reason) == ("claim RE-1", "a base rate was confirmed")


def test_a_claim_that_seemed_paid_is_open_again(shop: World) -> None:
    """The payment left nothing open as far as anybody knew, and was less than was owed."""
    book(shop, "RE-2", LineKind.PAYMENT, -10_170, PAID)
    assert claim(shop, "RE-2").claim.state is State.SETTLED
    _confirm(shop)
    runs.follow_new_policy(shop)
    found = claim(shop, "RE-2")
    assert (found.claim.state, found.claim.open_principal_cents, found.dunnable_from is not None) == (
        State.OPEN,
        89,
        True,
    )


def test_other_house_rules_and_a_new_rate_at_once(shop: World) -> None:
    _confirm(shop)
    strict = replace(shop, policy=replace(shop.policy, version="new"))
    assert runs.follow_new_policy(strict) == 3
    with shop.store.read() as session:
        assert set(session.exec(select(ClaimRow.policy_version))) == {"new"}
