"""The flows' world and what they leave in Prefect, for tests."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
    FlowRunFilter,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State

from tasks.clock import Clock, FixedClock, ShiftedClock
from tasks.world import World, open_world
from tests.support.world import MONDAY, know_payments


@asynccontextmanager
async def shop(clock: Clock | None = None) -> AsyncIterator[World]:
    """The place's world on `MONDAY`, its payments known; the flows inside take it as theirs."""
    async with open_world(clock or FixedClock.on(MONDAY)) as world:
        know_payments(world, MONDAY)
        yield world


def ticking() -> ShiftedClock:
    """A clock on `MONDAY` whose seconds pass, as calls with a deadline need it."""
    clock = ShiftedClock()
    clock.move_to(MONDAY)
    return clock


async def runs_tagged(*tags: str) -> list[FlowRun]:
    async with get_client() as client:
        return await client.read_flow_runs(flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=list(tags))))


async def run_of(state: State[Any]) -> FlowRun:
    assert state.state_details.flow_run_id is not None
    async with get_client() as client:
        return await client.read_flow_run(state.state_details.flow_run_id)


async def artifact(key: str) -> str:
    """The newest artifact of a key, as text."""
    async with get_client() as client:
        found = await client.read_latest_artifacts(
            artifact_filter=ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[key]))
        )
    (newest,) = found
    return newest.data if isinstance(newest.data, str) else json.dumps(newest.data)


def mails(place: Path) -> list[str]:
    return [path.name for path in (place / "outbox").glob("*.eml")]


def books(place: Path) -> list[str]:
    """All that the database holds."""
    with sqlite3.connect(place / "mahnlauf.db") as database:
        return list(database.iterdump())


async def result(state: Any) -> dict[str, Any]:
    """What a run returned for programs."""
    found: dict[str, Any] = await state.aresult()
    return found
