"""Transfers: cases and payment reports to the agency, as far as they go today."""

from collections.abc import Sequence
from datetime import date

from dunning.effects import EffectKind, EffectStatus
from tasks.outbox import effects
from tasks.outbox.dispatch import Delivery, dispatch
from tasks.outbox.recovery import recover, settle_by_look_up
from tasks.store.lock import AGENCY, only_one
from tasks.world import World

AGENCY_KINDS = (EffectKind.AGENCY_PAYMENT, EffectKind.AGENCY_CASE)
"""Payment reports first: a debtor who paid must not be pursued."""


async def transfer(world: World, effect_ids: Sequence[str], as_of: date) -> list[Delivery]:
    """Transfer these cases one at a time; what stays uncertain is looked up at once and tried again with its key.

    RunRefused `another_run` where somebody speaks to the agency just now.
    """
    with only_one(world.store, AGENCY):
        return await _transfer(world, effect_ids, as_of)


async def catch_up(world: World, as_of: date) -> list[Delivery]:
    """Send the agency whatever still waits for it, first of all what a dead worker left behind."""
    with only_one(world.store, AGENCY):
        await recover(world, as_of, alone_with=AGENCY_KINDS)
        delivered = []
        for kind in AGENCY_KINDS:
            with world.store.read() as session:
                waiting = effects.waiting(session, [kind])
            delivered += await _transfer(world, waiting, as_of)
        return delivered


async def _transfer(world: World, effect_ids: Sequence[str], as_of: date) -> list[Delivery]:
    delivered = await dispatch(world, effect_ids, as_of, in_flight=1)
    if any(each.status == EffectStatus.UNCERTAIN for each in delivered):
        await settle_by_look_up(world)
        delivered = await dispatch(world, effect_ids, as_of, in_flight=1)
    return delivered
