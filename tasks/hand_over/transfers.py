"""Transfers: cases and payment reports to the agency, as far as they go today."""

from collections.abc import Sequence
from datetime import date

from dunning.effects import EffectKind
from tasks.outbox import effects
from tasks.outbox.dispatch import Delivery, dispatch
from tasks.outbox.recovery import settle_by_look_up
from tasks.world import World


async def transfer(world: World, effect_ids: Sequence[str], as_of: date) -> list[Delivery]:
    """Transfer these cases one at a time; what stays uncertain is looked up at once and tried again with its key."""
    delivered = await dispatch(world, effect_ids, as_of, in_flight=1)
    if any(each.status == "uncertain" for each in delivered):
        await settle_by_look_up(world)
        delivered = await dispatch(world, effect_ids, as_of, in_flight=1)
    return delivered


async def catch_up(world: World, as_of: date) -> list[Delivery]:
    """Whatever still waits for the agency: payment reports first, since a debtor who paid must not be pursued."""
    with world.store.read() as session:
        reports = effects.waiting(session, [EffectKind.AGENCY_PAYMENT])
        cases = effects.waiting(session, [EffectKind.AGENCY_CASE])
    return [*await transfer(world, reports, as_of), *await transfer(world, cases, as_of)]
