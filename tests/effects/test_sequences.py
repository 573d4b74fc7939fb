"""What happens in an odd order: money that comes and goes back while something else is under way."""

from datetime import timedelta

import pytest
from sqlmodel import select

from dunning.ledger import LineKind
from dunning.lifecycle import State
from tasks.hand_over.lists import propose_list
from tasks.hand_over.transfers import catch_up, transfer
from tasks.outbox.outcome import Refused
from tasks.outbox.recovery import resolve_by_person
from tasks.store.tables import HandOverRow
from tasks.world import World
from tests.support.ladder import approved, proposed
from tests.support.world import FakeAgency, book, claim, effects_of, pay, run_day


def _agency(world: World) -> FakeAgency:
    assert isinstance(world.agency, FakeAgency)
    return world.agency


def _proposals(world: World) -> list[str]:
    with world.store.read() as session:
        return list(session.exec(select(HandOverRow.status).order_by(HandOverRow.id)))  # type: ignore[arg-type]


async def test_a_payment_that_comes_and_goes_back_while_a_list_waits(world: World) -> None:
    """The proposal nobody answered makes way; after the days of grace the claim is proposed anew, once."""
    _, day = await proposed(world)
    pay(world, "RE-1", 10_000, day)
    assert claim(world).claim.state is State.SETTLED
    book(world, "RE-1", LineKind.RETURNED_PAYMENT, 10_000, day)
    assert claim(world).claim.state is State.OPEN
    late = claim(world).dunnable_from
    assert late is not None
    assert late >= day + timedelta(3)
    await run_day(world, late - timedelta(1))
    assert claim(world).claim.state is State.OPEN
    await run_day(world, late)
    assert claim(world).claim.state is State.HAND_OVER_PROPOSED
    assert _proposals(world) == ["lapsed", "proposed"]
    asked = propose_list(world, late)
    assert asked is not None
    assert [each.number for each in asked.ready] == ["RE-1"]


async def test_a_lapsed_proposal_leaves_a_claim_alone_that_is_elsewhere_by_now(world: World) -> None:
    _, day = await proposed(world)
    pay(world, "RE-1", 10_000, day)
    assert propose_list(world, day) is None
    assert (claim(world).claim.state, _proposals(world)) == (State.SETTLED, ["lapsed"])


async def test_a_refused_report_of_a_payment_is_made_anew_and_not_forgotten(world: World) -> None:
    """The agency must learn that a debtor has paid, whatever became of the first report."""
    ids, day = await approved(world)
    await transfer(world, ids, day)
    pay(world, "RE-1", 4_000, day)
    _agency(world).script.append(Refused("http_400", 400))
    await catch_up(world, day)
    refused = effects_of(world)[-1]
    assert (refused.status, _agency(world).payments) == ("failed", {})
    resolve_by_person(world, refused.id, was_sent=False, person="Maren", reason="their interface is mended")
    await catch_up(world, day)
    assert [cents for _, cents, _ in _agency(world).payments.values()] == [4_000]
    pay(world, "RE-1", 1_000, day)
    await catch_up(world, day)
    assert [cents for _, cents, _ in _agency(world).payments.values()] == [4_000, 1_000]


@pytest.mark.parametrize("kind", [LineKind.WRITE_OFF, LineKind.CREDIT_NOTE, LineKind.PAYMENT])
async def test_whatever_lowers_a_claim_at_the_agency_is_told(world: World, kind: LineKind) -> None:
    ids, day = await approved(world)
    await transfer(world, ids, day)
    book(world, "RE-1", kind, -2_500, day)
    await catch_up(world, day)
    assert [cents for _, cents, _ in _agency(world).payments.values()] == [2_500]
