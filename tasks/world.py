"""The world that a flow works in: settings, house rules, database, clock, mail, agency."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from dunning.procedure import Policy
from tasks.clock import Clock, SystemClock
from tasks.outbox.agency import Agency, AgencyClient
from tasks.outbox.error_breaker import ErrorBreaker
from tasks.outbox.mail import Mailer, SendGridMailer
from tasks.outbox.mail_files import FileMailer
from tasks.policy import load_policy
from tasks.settings import Settings, load_settings
from tasks.store.engine import Store
from tasks.store.migrate import require_newest


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside the rules, as arguments."""

    settings: Settings
    policy: Policy
    store: Store
    clock: Clock
    mailer: Mailer
    agency: Agency | None
    """None: no agency is configured; `mahnlauf up` starts its sandbox and sets it."""
    breaker: ErrorBreaker = field(default_factory=ErrorBreaker)


_OPEN: ContextVar[World] = ContextVar("open_world")


def the_world() -> World:
    """The world that the flow around has opened; a Prefect task takes it from here, never as a parameter."""
    return _OPEN.get()


@asynccontextmanager
async def open_world(clock: Clock | None = None) -> AsyncIterator[World]:
    """The world of this place for a flow and its subflows, opened once; `clock` is for whoever lives in other days.

    SettingsInvalid where settings, policy or the database's revision are wrong.
    """
    if (world := _OPEN.get(None)) is not None:
        yield world
        return
    async with _opened(load_settings(), clock or SystemClock()) as world:
        token = _OPEN.set(world)
        try:
            yield world
        finally:
            _OPEN.reset(token)


@asynccontextmanager
async def _opened(settings: Settings, clock: Clock) -> AsyncIterator[World]:
    policy = load_policy(settings.policy, settings.creditor.state)
    store = Store(settings.database_url)
    async with AsyncExitStack() as stack:
        stack.callback(store.close)
        require_newest(store)
        agency = None
        if settings.agency_url and settings.agency_key is not None:
            key = settings.agency_key.get_secret_value()
            agency = await stack.enter_async_context(AgencyClient(settings.agency_url, key))
        mailer: Mailer = FileMailer(settings.outbox_dir)
        if settings.sendgrid_api_key is not None:
            mailer = await stack.enter_async_context(
                SendGridMailer(settings.sendgrid_api_key.get_secret_value(), host=settings.sendgrid_host)
            )
        yield World(settings, policy, store, clock, mailer, agency)
