"""Workers are killed exactly at each commit and call of the hand-over: one case a claim, each payment told once."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.arena import Arena
from tests.crash.shops import FOR_AGENCY, PROPOSED_ON
from tests.crash.verdict import verdict_on_cases
from tests.support.faulty_server import read_journal

pytestmark = pytest.mark.crash
KILLS = 3
Say = Callable[[str], None]


@pytest.mark.parametrize(
    "point",
    [
        f"{when} commit of {which}"
        for which in (
            "lists.propose_list",
            "answers.answer_list",  # approved, dossiers frozen, transfers recorded
            "dispatch.dispatch",
            "dispatch.last_look",
            "dispatch.mark",
        )
        for when in ("before", "after")
    ]
    + [f"case {step}" for step in ("received", "accepted", "answered")],
)
def test_killed_while_handing_over_at(proposed: str, tmp_path: Path, point: str, figures: Say) -> None:
    with _arena(proposed, tmp_path, "hand over") as arena:
        for kill in range(KILLS):
            arena.die_at(point, 1 + kill % 2 * ("mark" in point or "case" in point), only=FOR_AGENCY[kill::KILLS])
            arena.pause()
        arena.work()
        _judge(arena, KILLS, figures)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("which", ["recovery.recover", "recovery._resolve"])
def test_killed_while_looking_up(proposed: str, tmp_path: Path, which: str, when: str, figures: Say) -> None:
    with _arena(proposed, tmp_path, "hand over") as arena:
        for kill in range(KILLS):
            arena.die_at(
                "case accepted" if kill % 2 else "after commit of dispatch.last_look", only=FOR_AGENCY[kill::KILLS]
            )
            arena.pause()
            arena.die_at(f"{when} commit of {which}")
            arena.pause()
        arena.work()
        _judge(arena, 2 * KILLS, figures)


@pytest.mark.parametrize(
    "point",
    [
        f"{when} commit of {which}"
        for which in ("world.book", "dispatch.mark", "recovery._resolve")
        for when in ("before", "after")
    ]
    + [f"payment {step}" for step in ("received", "accepted", "answered")],
)
def test_killed_while_telling_of_payments_at(proposed: str, tmp_path: Path, point: str, figures: Say) -> None:
    with _arena(proposed, tmp_path, "hand over") as arena:
        arena.work()
        arena.begin(PROPOSED_ON + timedelta(1), duty="take payments")
        for kill in range(KILLS):
            if "_resolve" in point:
                arena.die_at("payment accepted", only=FOR_AGENCY[kill::KILLS])
                arena.pause()
            arena.die_at(point, only=FOR_AGENCY[kill::KILLS])
            arena.pause()
        arena.work(only=FOR_AGENCY)
        _judge(arena, KILLS, figures)


def _arena(database_url: str, folder: Path, duty: str) -> Arena:
    return Arena(database_url, folder, PROPOSED_ON, duty=duty)


def _judge(arena: Arena, kills: int, figures: Say) -> None:
    verdict = verdict_on_cases(arena.store, arena.casebook)
    figures(f"{kills} kills; {verdict}")
    verdict.hold()
    assert verdict.listed == 0
    conflicts = [line for line in read_journal(arena.journal) if line.get("status") in (409, 422)]
    assert not conflicts, "every try of an effect has the same key and the same content"
