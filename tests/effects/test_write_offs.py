"""What the shop gives up: side costs first, then the invoice; never more than is open, and once."""

from datetime import timedelta

import pytest

from dunning.default import Agreement
from dunning.errors import RunRefused
from dunning.ledger import Line, LineKind
from dunning.lifecycle import State
from tasks import booking
from tasks.desk import Act
from tasks.world import World
from tasks.write_offs import write_off
from tests.support.world import MONDAY, add_invoice, claim, pay

MAREN = Act("Maren", "not worth the trouble")


@pytest.fixture
def shop(world: World) -> World:
    """One invoice over 100.00 EUR, with 40.00 EUR of side costs."""
    add_invoice(world, "RE-1", due_on=MONDAY - timedelta(30), agreed=Agreement.DATE)
    with world.store.write() as session:
        found = claim(world)
        entry = booking.Booking(found.claim_id, LineKind.LUMP_SUM, 4_000, MONDAY, "lump_sum|e-1")
        now = world.clock.now()
        booking.book(session, [entry], world.policy, actor="test", reason="final warning", at=now)
    return world


@pytest.mark.parametrize(
    ("cents", "waived", "written_off", "state"),
    [
        (None, 4_000, 10_000, State.SETTLED),
        (14_000, 4_000, 10_000, State.SETTLED),
        (3_999, 3_999, 0, State.OPEN),
        (4_000, 4_000, 0, State.OPEN),
        (4_001, 4_000, 1, State.OPEN),
    ],
)
def test_side_costs_are_given_up_before_the_invoice(
    shop: World, cents: int | None, waived: int, written_off: int, state: State
) -> None:
    assert write_off(shop, "RE-1", MAREN, cents) == waived + written_off
    found = claim(shop).claim
    given_up = {line.kind: -line.cents for line in found.lines if line.cents < 0}
    assert (given_up.get(LineKind.WAIVER, 0), given_up.get(LineKind.WRITE_OFF, 0)) == (waived, written_off)
    assert (found.open_cents, found.state) == (14_000 - waived - written_off, state)


def test_a_double_click_gives_up_once(shop: World) -> None:
    write_off(shop, "RE-1", MAREN, 1_000)
    with pytest.raises(RunRefused, match="was written off so today"):
        write_off(shop, "RE-1", MAREN, 1_000)
    assert claim(shop).claim.open_cents == 13_000


@pytest.mark.parametrize("cents", [0, -1, 14_001])
def test_never_more_than_is_open(shop: World, cents: int) -> None:
    with pytest.raises(RunRefused) as refused:
        write_off(shop, "RE-1", MAREN, cents)
    assert refused.value.reason == "less_is_open"
    assert claim(shop).claim.open_cents == 14_000


def test_of_a_paid_claim_the_side_costs_that_are_left(shop: World) -> None:
    pay(shop, "RE-1", 10_000, MONDAY)
    assert write_off(shop, "RE-1", MAREN) == claim(shop).claim.open_cents + 4_000
    assert Line(LineKind.WAIVER, MONDAY, -4_000) in claim(shop).claim.lines
    with pytest.raises(RunRefused):
        write_off(shop, "RE-1", MAREN)
