"""Workers are killed at random while they send. Every notice is accepted once, or staff finds it on its list."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.arena import Arena
from tests.crash.verdict import verdict_on_notices
from tests.support.faulty_server import read_journal
from tests.support.world import MONDAY

pytestmark = pytest.mark.crash


@pytest.mark.parametrize(
    ("workers", "kills", "seed", "bad_day"),
    [(1, 15, 1, None), (2, 12, 2, None), (2, 8, 3, 7)],
    ids=["one worker", "two workers", "two workers on a bad day"],
)
def test_never_two_never_none(
    many_due: str,
    tmp_path: Path,
    workers: int,
    kills: int,
    seed: int,
    bad_day: int | None,
    figures: Callable[[str], None],
) -> None:
    with Arena(many_due, tmp_path, MONDAY, seed=bad_day) as arena:
        arena.finish(*arena.kill_at_random(kills, workers, seed))
        verdict_on_notices(arena.store, read_journal(arena.journal)).hold()
        arena.begin(MONDAY + timedelta(1))
        arena.work()
        verdict = verdict_on_notices(arena.store, read_journal(arena.journal))
        hits = arena.hits
    figures(f"{kills} kills, {hits} with a message in flight; {verdict}")
    verdict.hold()
    assert hits >= kills / 2


def test_what_a_dead_day_leaves_is_decided_anew_next_day(
    few_due: str, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    with Arena(few_due, tmp_path, MONDAY) as arena:
        for worker in arena.kill_at_random(1, 1, seed=4):
            worker.kill()
        arena.begin(MONDAY + timedelta(1))
        arena.work()
        verdict = verdict_on_notices(arena.store, read_journal(arena.journal))
    figures(f"1 kill; {verdict}")
    verdict.hold()
    assert verdict.anew > 0
