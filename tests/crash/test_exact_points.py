"""Workers are killed exactly at each commit of a notice, and at each step of its call."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.arena import Arena
from tests.crash.shops import FEW
from tests.crash.verdict import verdict_on_notices
from tests.support.faulty_server import read_journal
from tests.support.world import MONDAY

pytestmark = pytest.mark.crash
KILLS = 3
OF_A_PASS = [
    "record.record_steps",  # decided: claims, effects and decisions
    "runs._note",
    "dispatch.dispatch",  # leased
]
OF_A_MESSAGE = [
    "dispatch.last_look",  # sending
    "dispatch.mark",
]


@pytest.mark.parametrize(
    ("point", "steps"),
    [(f"{when} commit of {which}", 1) for which in OF_A_PASS for when in ("before", "after")]
    + [(f"{when} commit of {which}", 3) for which in OF_A_MESSAGE for when in ("before", "after")]
    + [(f"mail {step}", 3) for step in ("received", "accepted", "answered")],
)
def test_killed_at(few_due: str, tmp_path: Path, point: str, steps: int, figures: Callable[[str], None]) -> None:
    with Arena(few_due, tmp_path, MONDAY) as arena:
        for kill in range(KILLS):
            arena.die_at(point, 1 + kill % steps, only=FEW[kill::KILLS])
        arena.pause()
        arena.work()
        arena.begin(MONDAY + timedelta(1))
        arena.work()
        verdict = verdict_on_notices(arena.store, read_journal(arena.journal))
    figures(f"{KILLS} kills; {verdict}")
    verdict.hold()


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_putting_in_order(few_due: str, tmp_path: Path, when: str, figures: Callable[[str], None]) -> None:
    """Each day a worker dies over its messages, the next one while it frees them, the next while it cancels them."""
    with Arena(few_due, tmp_path, MONDAY) as arena:
        for day in range(KILLS):
            arena.begin(MONDAY + timedelta(day))
            arena.die_at("mail accepted", 1 + day % 3)
            arena.pause()
            arena.die_at(f"{when} commit of recovery.recover")
            arena.begin(MONDAY + timedelta(day + 1))
            arena.die_at(f"{when} commit of recovery.drop_stale")
        arena.work()
        verdict = verdict_on_notices(arena.store, read_journal(arena.journal))
    figures(f"{3 * KILLS} kills; {verdict}")
    verdict.hold()
    assert verdict.anew
