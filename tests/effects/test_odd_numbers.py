"""Invoice numbers as shops really write them: what Prefect makes of each is its own, and names nothing else."""

import re
from datetime import date

import pytest
from prefect import flow

from tasks.outbox.groups import groups_of
from tasks.report.artifacts import key_of
from tasks.world import World
from tests.support.ladder import DUE_ON, decide
from tests.support.world import MONDAY, add_invoice

NUMBERS = ("RE-1", "RE/1", "re-1", "RE 1", "RE-1-", "RE--1", "RE_1", "{as_of}", "RE-{x}/1", "Ä", "ß", "É" * 60)


@flow
async def escalate(as_of: date) -> None:
    """Takes what the escalation takes."""


def test_a_usual_number_is_its_own_key() -> None:
    assert key_of("RE-2026-1042") == "re-2026-1042"


def test_no_two_numbers_share_a_file() -> None:
    keys = [key_of(number) for number in NUMBERS]
    assert len(set(keys)) == len(NUMBERS)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) for key in keys)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_run_is_named_by_the_number_as_it_is_written(world: World, number: str) -> None:
    add_invoice(world, number, due_on=DUE_ON)
    (group,) = groups_of(world, decide(world), MONDAY, 200)
    named = escalate.with_options(flow_run_name=group.title)
    assert isinstance(named.flow_run_name, str)
    assert named.flow_run_name.format(as_of=MONDAY) == f"{number} · payment reminder"
    assert group.tags == (f"invoice:{number}", "level:1")
