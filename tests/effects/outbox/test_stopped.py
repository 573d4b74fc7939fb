"""A dispatch that must stop, or whose database is busy: what is under way is still written down."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from dunning.errors import EffectForbidden
from tasks.outbox.dispatch import dispatch
from tasks.outbox.outcome import Forbidden, Outcome, Sent
from tasks.store.engine import Store
from tasks.world import World
from tests.support.ladder import reminders, statuses
from tests.support.world import MONDAY, FakeMailer


class _SlowMailer(FakeMailer):
    """Refuses while others are under way; they are answered later."""

    async def send(self, payload: str, *, by: float | None = None) -> Outcome:
        outcome = await super().send(payload, by=by)
        for _ in range(5 if isinstance(outcome, Forbidden) else 20):
            await asyncio.sleep(0)
        return outcome


class _BusyStore(Store):
    """A database that is locked at some of its commits."""

    def __init__(self, url: str, locked: Counter[int]) -> None:
        super().__init__(url)
        self._locked, self._writes = locked, 0

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
            self._writes += 1
            if self._locked[self._writes]:
                raise OperationalError("COMMIT", {}, Exception("database is locked"))


async def test_calls_under_way_end_before_a_stop(world: World) -> None:
    """Broken off they would be uncertain, and a person would have to find out about each."""
    ids = reminders(world, 8)
    mailer = _SlowMailer([Forbidden("http_401", 401)])
    with pytest.raises(EffectForbidden):
        await dispatch(replace(world, mailer=mailer), ids, MONDAY, in_flight=4)
    assert Counter(statuses(world, ids)) == {"sent": 3, "ready": 5}
    assert len(mailer.tried) == 4


async def test_an_outcome_is_written_down_though_the_database_was_locked(world: World) -> None:
    """Lease, last look, mark: the mark is refused twice; the mail is known to be sent all the same."""
    (name,) = reminders(world, 1)
    store = _BusyStore(world.store.url.render_as_string(hide_password=False), Counter([3, 4]))
    store.engine = world.store.engine
    (said,) = await dispatch(replace(world, store=store, mailer=FakeMailer([Sent("m", 202)])), [name], MONDAY)
    assert said.status == "sent"
    assert statuses(world, [name]) == ["sent"]
