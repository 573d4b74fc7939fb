"""Imported by the process that workers are forked from: it has lived one day, so that they need not warm up."""

import asyncio
import tempfile
from pathlib import Path

from tasks.outbox.mail import SendGridMailer
from tasks.outbox.outcome import NotSent
from tasks.store.engine import Store
from tasks.store.migrate import migrate
from tests.crash import servers, worker
from tests.crash.shops import DUE_ON
from tests.support.world import MONDAY, add_invoice, run_day, world_over

__all__ = ["servers", "worker"]


def _live_a_day() -> None:
    store = Store("sqlite://")
    migrate(store)
    with tempfile.TemporaryDirectory() as folder:
        world = world_over(store, Path(folder))
        add_invoice(world, due_on=DUE_ON)
        asyncio.run(run_day(world, MONDAY))
    store.close()
    worker.policy()


async def _call_nobody() -> None:
    """The first request of a process reads modules, and that took longer than a kill waits."""
    async with SendGridMailer("key", host="http://127.0.0.1:9") as mailer:
        assert isinstance(await mailer.send("{}"), NotSent)


_live_a_day()
asyncio.run(_call_nobody())
