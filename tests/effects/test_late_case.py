"""A case that the agency took although it said nothing: found before it is repeated, and never cancelled unseen."""

from datetime import date, timedelta

import pytest

from dunning.effects import EffectStatus
from dunning.errors import RunRefused
from dunning.lifecycle import State
from tasks.clock import FixedClock
from tasks.hand_over.transfers import catch_up, transfer
from tasks.outbox.dispatch import dispatch
from tasks.outbox.outcome import Refused, Uncertain
from tasks.outbox.recovery import resolve_by_person
from tasks.world import World
from tests.support.ladder import approved, effect
from tests.support.world import FakeAgency, claim, pay


def _agency(world: World) -> FakeAgency:
    assert isinstance(world.agency, FakeAgency)
    return world.agency


def _later(world: World, minutes: int) -> None:
    assert isinstance(world.clock, FixedClock)
    world.clock.advance(timedelta(minutes=minutes))


async def _timed_out_and_paid(world: World) -> tuple[str, date]:
    """A transfer whose answers never came, and a payment right after it."""
    (name,), day = await approved(world)
    _agency(world).script.extend([Uncertain("read_timeout"), Uncertain("read_timeout")])
    await transfer(world, [name], day)
    pay(world, "RE-1", 2_500, day)
    return name, day


async def test_it_is_not_cancelled_while_the_agency_may_still_take_it(world: World) -> None:
    name, day = await _timed_out_and_paid(world)
    await catch_up(world, day)
    assert effect(world, name).status == EffectStatus.READY
    assert claim(world).claim.state is State.TRANSFER_UNDER_WAY


async def test_a_case_that_shows_up_late_counts_and_learns_of_the_payment(world: World) -> None:
    name, day = await _timed_out_and_paid(world)
    await catch_up(world, day)
    _agency(world).cases["RE-1"] = {"Az": "10000000009", "ClientCustomerRefNo": "RE-1", "Claim": {"Amount": 100.0}}
    _later(world, 11)
    await catch_up(world, day)
    assert (effect(world, name).status, effect(world, name).provider_id) == (EffectStatus.SENT, "10000000009")
    assert claim(world).claim.state is State.AT_AGENCY
    await catch_up(world, day)
    assert [(number, cents) for number, cents, _ in _agency(world).payments.values()] == [("10000000009", 2_500)]


async def test_it_is_cancelled_once_the_agency_surely_has_no_case(world: World) -> None:
    name, day = await _timed_out_and_paid(world)
    await catch_up(world, day)
    _later(world, 11)
    await catch_up(world, day)
    assert effect(world, name).status == EffectStatus.CANCELLED
    assert (claim(world).claim.state, _agency(world).cases) == (State.OPEN, {})


async def test_another_case_under_our_reference_is_not_taken_for_ours(world: World) -> None:
    (name,), day = await approved(world)
    _agency(world).script.append(Uncertain("read_timeout"))
    await dispatch(world, [name], day)
    _agency(world).cases["RE-1"] = {"Az": "10000000009", "ClientCustomerRefNo": "RE-1", "Claim": {"Amount": 1.0}}
    await catch_up(world, day)
    assert effect(world, name).status == EffectStatus.UNCERTAIN


async def test_a_persons_word_on_a_case_needs_its_number(world: World) -> None:
    (name,), day = await approved(world)
    _agency(world).script.append(Refused("http_400"))
    await transfer(world, [name], day)
    with pytest.raises(RunRefused) as refused:
        resolve_by_person(world, name, was_sent=True, person="Kim", reason="rang them")
    assert refused.value.reason == "case_number_missing"
    resolve_by_person(world, name, was_sent=True, person="Kim", reason="rang them", case_number="10000000009")
    assert claim(world).claim.state is State.AT_AGENCY
