"""Three ways to send that are wrong on purpose: the harness must find what each does wrong, or it proves nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from dunning.effects import EffectStatus
from tasks.outbox import effects
from tasks.outbox.calls import call, deadline
from tasks.outbox.dispatch import last_look, mark
from tasks.outbox.outcome import Sent
from tasks.store.tables import EffectRow
from tasks.world import World

AT_ONCE = 4
Deliver = Callable[[World, str, str, date], Awaitable[None]]


async def send_then_commit(world: World, effect_ids: Sequence[str], as_of: date, worker: str) -> None:
    """Nothing is written before the call: who dies after it leaves no trace of it."""
    await _each(world, effect_ids, as_of, worker, _call_first)


async def commit_then_send(world: World, effect_ids: Sequence[str], as_of: date, worker: str) -> None:
    """`sent` is written before the call: who dies between them has sent nothing, and nobody knows."""
    await _each(world, effect_ids, as_of, worker, _mark_first)


async def send_uncertain_again(world: World, effect_ids: Sequence[str], as_of: date, worker: str) -> None:
    """What a job queue does with a stalled job: it runs again."""
    with world.store.write() as session:
        for effect_id in effect_ids:
            row = session.get(EffectRow, effect_id)
            if row is not None and row.status == EffectStatus.UNCERTAIN:
                row.status = EffectStatus.READY
    await _each(world, effect_ids, as_of, worker, _look_call_mark)


async def _each(world: World, effect_ids: Sequence[str], as_of: date, worker: str, deliver: Deliver) -> None:
    with world.store.write() as session:
        taken = effects.lease(session, effect_ids, worker, world.clock.now())
    for start in range(0, len(taken), AT_ONCE):
        await asyncio.gather(*(deliver(world, each, worker, as_of) for each in taken[start : start + AT_ONCE]))


async def _call_first(world: World, effect_id: str, worker: str, as_of: date) -> None:
    with world.store.read() as session:
        row = session.get_one(EffectRow, effect_id)
    outcome = await call(world, row, deadline(world))
    if last_look(world, effect_id, worker, as_of) is not None:
        mark(world, effect_id, worker, outcome)


async def _mark_first(world: World, effect_id: str, worker: str, as_of: date) -> None:
    if (row := last_look(world, effect_id, worker, as_of)) is not None:
        mark(world, effect_id, worker, Sent(""))
        await call(world, row, deadline(world))


async def _look_call_mark(world: World, effect_id: str, worker: str, as_of: date) -> None:
    if (row := last_look(world, effect_id, worker, as_of)) is not None:
        mark(world, effect_id, worker, await call(world, row, deadline(world)))
