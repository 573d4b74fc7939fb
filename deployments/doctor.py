"""The doctor: is everything there that a run needs, and if not, what to do."""

import platform
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from dunning.errors import MahnlaufError, SettingsInvalid
from tasks.ladder.survey import circumstances
from tasks.policy import load_policy
from tasks.settings import Settings, load_settings
from tasks.store.engine import Store
from tasks.store.migrate import require_newest
from tasks.watch import find_faults
from tasks.world import open_world

OLDEST_SQLITE = (3, 35)
"""RETURNING and upserts."""
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    todo: str = ""


async def examine() -> list[Check]:
    """Every check; those that need another one's success are left out where it failed."""
    checks = [_machine()]
    try:
        settings = load_settings()
    except SettingsInvalid as error:
        return [*checks, Check("settings", False, error.what, error.todo)]
    for look in (_settings, _policy, _database):
        checks.append(await _safely(look.__name__.strip("_"), look, settings))
    for name, seek in (("provider", _provider), ("agency", _agency)):
        checks.append(await _safely(name, seek, settings))
    if all(check.ok for check in checks if check.name in ("policy", "database")):
        checks += await _books()
    return checks


async def _safely(name: str, look: Callable[[Settings], Awaitable[Check]], settings: Settings) -> Check:
    try:
        return await look(settings)
    except MahnlaufError as error:
        return Check(name, False, error.what, error.todo)


def _machine() -> Check:
    found = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    ok = sqlite3.sqlite_version_info >= OLDEST_SQLITE
    return Check("machine", ok, found, "" if ok else "install SQLite 3.35 or newer")


async def _settings(settings: Settings) -> Check:
    missing = settings.missing()
    found = f"missing: {', '.join(missing)}" if missing else f"{settings.creditor.full_name}, complete"
    todo = "set them in the environment or in .env; without them no notice is sent" if missing else ""
    return Check("settings", not missing, found, todo)


async def _policy(settings: Settings) -> Check:
    policy = load_policy(settings.policy, settings.creditor.state)
    ladders = ", ".join(procedure.name for procedure in policy.procedures.values())
    return Check("policy", True, f"version {policy.version}: {ladders}")


async def _database(settings: Settings) -> Check:
    store = Store(settings.database_url)
    try:
        require_newest(store)
    finally:
        store.close()
    return Check("database", True, f"{store.url.get_backend_name()}, newest revision")


async def _provider(settings: Settings) -> Check:
    """SendGrid's own word on the key; without a key mails are files."""
    if settings.sendgrid_api_key is None:
        return Check("mail", True, f"no key: messages are written to {settings.outbox_dir}")
    headers = {"Authorization": f"Bearer {settings.sendgrid_api_key.get_secret_value()}"}
    try:
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            answer = await client.get(f"{settings.sendgrid_host}/v3/scopes", headers=headers)
    except httpx.HTTPError as error:
        return Check(
            "mail", False, f"no answer ({type(error).__name__})", "check MAHNLAUF_SENDGRID_HOST and the network"
        )
    if answer.status_code == 200:
        return Check("mail", True, f"{settings.sendgrid_host} takes the key")
    return Check("mail", False, f"answered {answer.status_code}", "check MAHNLAUF_SENDGRID_API_KEY")


async def _agency(settings: Settings) -> Check:
    if not settings.agency_url:
        found = "the sandbox of `mahnlauf up`: claims that are handed over do not leave this machine"
        return Check("agency", True, found, "before real hand-overs set MAHNLAUF_AGENCY_URL and _KEY")
    if settings.agency_key is None:
        return Check("agency", False, "no key", "set MAHNLAUF_AGENCY_KEY to uuid:user:password")
    return Check("agency", True, settings.agency_url)


async def _books() -> list[Check]:
    """Bank data and invariants, as the watch sees them."""
    async with open_world() as world:
        with world.store.read() as session:
            until = circumstances(session, world.settings).bank_data_until
        findings = find_faults(world)
    todo = "" if until else "import bank statements"
    known = Check("bank data", until is not None, f"payments known up to {until or 'no day'}", todo)
    return [known, *(Check("watch", not each.broken, each.what, each.todo) for each in findings)]
