"""Five dunning runs are started in the same instant: one works, the others find it at work."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.arena import Arena
from tests.crash.verdict import verdict_on_notices
from tests.crash.worker import REFUSED
from tests.support.faulty_server import read_journal
from tests.support.world import MONDAY

pytestmark = pytest.mark.crash


def test_five_runs_in_the_same_second(many_due: str, tmp_path: Path, figures: Callable[[str], None]) -> None:
    with Arena(many_due, tmp_path, MONDAY) as arena:
        soon = time.monotonic() + 1.0
        runs = [arena.start(duty="dun alone", start_at=soon) for _ in range(5)]
        codes = arena.codes(*runs)
        verdict = verdict_on_notices(arena.store, read_journal(arena.journal))
    figures(f"5 runs, {codes.count(0)} worked; {verdict}")
    verdict.hold()
    assert sorted(codes) == [0, REFUSED, REFUSED, REFUSED, REFUSED]
