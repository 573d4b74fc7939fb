"""A worker is frozen beyond its lease, others put in order what it held and go on, and then it wakes."""

import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tasks.outbox.recovery import resolve_by_person, unresolved
from tests.crash.arena import Arena
from tests.crash.points import End
from tests.crash.verdict import verdict_on_notices
from tests.support.faulty_server import read_journal
from tests.support.world import MONDAY

pytestmark = pytest.mark.crash
LEASED = "after commit of dispatch.dispatch"
SENDING = "after commit of dispatch.last_look"


@pytest.mark.parametrize("point", [LEASED, SENDING, "mail received", "mail accepted", "mail answered"])
def test_frozen_at(few_due: str, tmp_path: Path, point: str, figures: Callable[[str], None]) -> None:
    with Arena(few_due, tmp_path, MONDAY) as arena:
        zombie = arena.start(end=End(point, by=signal.SIGSTOP))
        arena.wait_until_frozen(zombie)
        arena.work()
        arena.wake(zombie)
        arena.finish(zombie)
        verdict = verdict_on_notices(arena.store, read_journal(arena.journal))
    figures(f"1 frozen; {verdict}")
    verdict.hold()


def test_nothing_is_written_after_the_lease(few_due: str, tmp_path: Path, figures: Callable[[str], None]) -> None:
    """What had not left was found not to have left, and was sent anew: the one who wakes must not send it too."""
    with Arena(few_due, tmp_path, MONDAY) as arena:
        zombie = arena.start(end=End(SENDING, by=signal.SIGSTOP))
        arena.wait_until_frozen(zombie)
        arena.work()
        accepted = {line["name"] for line in read_journal(arena.journal) if line["event"] == "accepted"}
        with arena.store.read() as session:
            listed = {row.id for row in unresolved(session)}
        for name in listed:
            resolve_by_person(arena.world, name, was_sent=name in accepted, person="Anna", reason="as SendGrid says")
        arena.begin(MONDAY + timedelta(1))
        arena.work()
        arena.wake(zombie)
        arena.finish(zombie)
        verdict = verdict_on_notices(arena.store, read_journal(arena.journal))
    figures(f"1 frozen, {len(listed)} resolved by a person; {verdict}")
    verdict.hold()
    assert verdict.anew == len(listed - accepted) > 0
