"""Made-up shops at the moment at which the workers take over."""

import asyncio
from datetime import date

from tasks.world import World
from tests.support.world import MONDAY, add_invoice, run_day

DUE_ON = date(2026, 2, 20)
WARNED_ON = (MONDAY, date(2026, 3, 17), date(2026, 4, 7))
PROPOSED_ON = date(2026, 4, 28)
NUMBERS = tuple(f"RE-{1000 + each}" for each in range(200))
FEW = NUMBERS[:24]
FOR_AGENCY = NUMBERS[:8]


def many_due(world: World) -> None:
    """Every claim is due for its reminder on `MONDAY`."""
    for number in NUMBERS:
        _sell(world, number)


def few_due(world: World) -> None:
    """A few such claims."""
    for number in FEW:
        _sell(world, number)


def proposed(world: World) -> None:
    """Even fewer claims climbed the whole ladder and are proposed for hand-over on `PROPOSED_ON`."""
    for number in FOR_AGENCY:
        _sell(world, number)
    for day in (*WARNED_ON, PROPOSED_ON):
        asyncio.run(run_day(world, day))


def _sell(world: World, number: str) -> None:
    add_invoice(world, number, 10_000, due_on=DUE_ON, customer=number.replace("RE", "K"))
