"""Wrong ways to send are found out by the same kills and the same verdict: these tests can fail."""

from pathlib import Path

import pytest

from tests.crash.arena import Arena
from tests.crash.verdict import Verdict, verdict_on_notices
from tests.support.faulty_server import read_journal
from tests.support.world import MONDAY

pytestmark = pytest.mark.crash
KILLS = 4


@pytest.mark.parametrize("dispatch", ["send, then commit", "send uncertain ones again"])
def test_finds_what_was_sent_twice(few_due: str, tmp_path: Path, dispatch: str) -> None:
    assert _verdict_on(dispatch, few_due, tmp_path).twice


def test_finds_what_was_lost(few_due: str, tmp_path: Path) -> None:
    verdict = _verdict_on("commit, then send", few_due, tmp_path)
    assert verdict.lost
    assert any("nobody accepted" in fault for fault in verdict.faults)


def _verdict_on(dispatch: str, database_url: str, folder: Path) -> Verdict:
    with Arena(database_url, folder, MONDAY) as arena:
        for kill in range(KILLS):
            point = "after commit of dispatch.mark" if dispatch == "commit, then send" else "mail accepted"
            arena.die_at(point, 1 + kill % 2, dispatch=dispatch)
            arena.pause()
        arena.work(dispatch=dispatch)
        return verdict_on_notices(arena.store, read_journal(arena.journal))
