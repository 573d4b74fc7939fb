"""A worker process: the product's own code at work on one database, until nothing is left or it is ended."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import func
from sqlmodel import col, select

from deployments.sandbox.agency import SANDBOX_KEY
from dunning.effects import PENDING, UNRESOLVED, EffectKind, EffectStatus
from dunning.errors import EffectUnavailable, RunRefused
from dunning.procedure import Policy
from tasks.hand_over.answers import Verdict, answer_list
from tasks.hand_over.lists import propose_list
from tasks.hand_over.transfers import catch_up
from tasks.ladder import runs
from tasks.outbox import effects
from tasks.outbox.agency import Agency, AgencyClient
from tasks.outbox.dispatch import dispatch
from tasks.outbox.error_breaker import ErrorBreaker
from tasks.outbox.mail import Mailer, SendGridMailer
from tasks.outbox.mail_files import FileMailer
from tasks.outbox.recovery import recover
from tasks.policy import load_policy
from tasks.settings import POLICY
from tasks.store.engine import Store
from tasks.store.lock import only_one
from tasks.store.tables import EffectRow
from tasks.world import World
from tests.crash import naive
from tests.crash.clock import RunningClock
from tests.crash.points import End, Fate, MortalAgency, MortalMailer
from tests.support.fake_sendgrid import KEY
from tests.support.world import pay, settings_in

GROUP = 8
"""Effects leased at a time, so that a kill holds up no more than these."""
BREATH_SECONDS = 5.0
REFUSED = 75
"""Exit code of a worker that found another run at work."""
PAYMENT_CENTS = 1_000

Dispatch = Callable[..., Awaitable[Any]]
DISPATCHES: dict[str, Dispatch] = {
    "as the product does": dispatch,
    "send, then commit": naive.send_then_commit,
    "commit, then send": naive.commit_then_send,
    "send uncertain ones again": naive.send_uncertain_again,
}


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is told at its start."""

    duty: str
    database_url: str
    home: Path
    day: date
    clock: RunningClock
    url: str
    """Of the other side: SendGrid or the agency."""
    journal: Path
    only: tuple[str, ...] = ()
    """Only these invoices, if any are named."""
    end: End | None = None
    dispatch: str = "as the product does"
    start_at: float = 0.0
    """Instant of the monotonic clock before which nothing is done."""


def names_begin(process_id: int | None) -> str:
    """How the worker names of a process begin; each dispatch has a name of its own."""
    return f"process-{process_id}-"


def work(job: Job) -> None:
    """The process's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the tests, and they end their workers
    time.sleep(max(0.0, job.start_at - time.monotonic()))
    sys.exit(asyncio.run(_work(job)))


async def _work(job: Job) -> int:
    store = Store(job.database_url)
    fate = Fate(job.end, job.journal)
    fate.watch(store)
    async with AsyncExitStack() as stack:
        stack.callback(store.close)
        mailer: Mailer = FileMailer(job.home)
        agency: Agency | None = None
        if job.duty in OF_AGENCY:
            agency = MortalAgency(await stack.enter_async_context(AgencyClient(job.url, SANDBOX_KEY)), fate)
        else:
            mailer = MortalMailer(await stack.enter_async_context(SendGridMailer(KEY, host=job.url)), fate)
        world = World(settings_in(job.home), policy(), store, job.clock, mailer, agency)
        return await DUTIES[job.duty](world, job)


@cache
def policy() -> Policy:
    """The house rules that we ship, read once for all forks."""
    return load_policy(POLICY, "BE")


async def dun(world: World, job: Job) -> int:
    """Dun until nothing is under way, as run and watch do it, without the lock that keeps runs apart."""
    run_id = runs.open_run(world, job.day)
    while True:
        await recover(world, job.day)
        runs.plan(world, job.day, run_id=run_id, only=job.only)
        await _dispatch_all(world, job)
        if not _under_way(world, EffectKind.NOTICE_MAIL):
            runs.close_run(world, run_id)
            return 0
        await world.clock.sleep(BREATH_SECONDS)


async def dun_alone(world: World, job: Job) -> int:
    """One dunning run, as its flow does it."""
    try:
        with only_one(world.store, "dunning-run"):
            return await dun(world, job)
    except RunRefused as refused:
        return REFUSED if refused.reason == "another_run" else 1


async def hand_over(world: World, job: Job) -> int:
    """Approve the claims named by the job, and transfer until nothing is under way."""
    while True:
        await recover(world, job.day)
        if asked := propose_list(world, job.day):
            others = tuple(each.number for each in asked.ready if job.only and each.number not in job.only)
            if len(others) < len(asked.ready):
                answer_list(world, asked.list_id, Verdict(True, "Anna", "final warning passed", others), job.day)
        if await _agency_is_up_to_date(world, job):
            return 0
        await world.clock.sleep(BREATH_SECONDS)


async def take_payments(world: World, job: Job) -> int:
    """Book one payment on each claim of the job, and report them until nothing is under way."""
    for number in job.only:
        pay(world, number, PAYMENT_CENTS, job.day, f"paid to us|{number}")
    while not await _agency_is_up_to_date(world, job):
        await recover(world, job.day)
        await world.clock.sleep(BREATH_SECONDS)
    return 0


DUTIES: dict[str, Callable[[World, Job], Awaitable[int]]] = {
    "dun": dun,
    "dun alone": dun_alone,
    "hand over": hand_over,
    "take payments": take_payments,
}
OF_AGENCY = ("hand over", "take payments")


async def _dispatch_all(world: World, job: Job) -> None:
    with world.store.read() as session:
        waiting = effects.waiting(session, [EffectKind.NOTICE_MAIL], job.day)
        if job.dispatch == "send uncertain ones again":
            uncertain = select(EffectRow.id).where(EffectRow.status == EffectStatus.UNCERTAIN)
            waiting += session.exec(uncertain).all()
    for start in range(0, len(waiting), GROUP):
        try:
            await DISPATCHES[job.dispatch](
                world, waiting[start : start + GROUP], job.day, worker=f"{names_begin(os.getpid())}{uuid4()}"
            )
        except EffectUnavailable:  # the error breaker: staff looks, and starts the run again
            world = replace(world, breaker=ErrorBreaker())


async def _agency_is_up_to_date(world: World, job: Job) -> bool:
    await catch_up(world, job.day)
    return not _under_way(world, EffectKind.AGENCY_CASE, EffectKind.AGENCY_PAYMENT)


def _under_way(world: World, *kinds: EffectKind) -> int:
    """Effects that are not at their end; what the agency can be asked about counts as well."""
    statuses = PENDING if EffectKind.NOTICE_MAIL in kinds else PENDING + UNRESOLVED
    with world.store.read() as session:
        query = select(func.count()).where(col(EffectRow.kind).in_(kinds), col(EffectRow.status).in_(statuses))
        return session.exec(query).one()
