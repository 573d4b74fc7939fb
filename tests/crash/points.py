"""Where a worker dies: exactly before or after a commit, or while a call is under way.

A commit is named by the function whose transaction it is, such as `before commit of dispatch.mark`; a call by
what the other side has done so far: `mail received`, `mail accepted`, `mail answered`. The product knows nothing of it.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from tasks.outbox.agency import AgencyClient, CaseFound, CaseNotFound, Unanswered, Valid
from tasks.outbox.mail import SendGridMailer
from tasks.outbox.mail_files import effect_id_of
from tasks.outbox.outcome import Outcome, Sent
from tasks.store.engine import Store
from tests.support.faulty_server import read_journal

_NOT_OURS = ("sqlalchemy", "sqlmodel", "contextlib.py", "store/engine.py", "crash/points.py", "<string>")


@dataclass(frozen=True, slots=True)
class End:
    """Come to the point for the nth time and the process gets the signal: SIGKILL ends it, SIGSTOP freezes it."""

    point: str
    nth: int = 1
    by: signal.Signals = signal.SIGKILL


class Fate:
    """Counts how often the worker comes to the point of its end."""

    def __init__(self, end: End | None, journal: Path) -> None:
        self._end = end
        self._left = end.nth if end else 0
        self._journal = journal

    def reach(self, point: str) -> None:
        """The worker has come to this point."""
        if self._end is None or point != self._end.point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._end.by)

    def watch(self, store: Store) -> None:
        """Let every commit of this process count."""
        event.listen(store.engine, "commit", lambda _: self.reach(f"before commit of {_transaction()}"))
        event.listen(Session, "after_commit", lambda _: self.reach(f"after commit of {_transaction()}"))

    async def during(self, what: str, name: str, call: Coroutine[Any, Any, Outcome]) -> Outcome:
        """Await a call; on its way the other side's journal tells how far the call came."""
        under_way = asyncio.ensure_future(call)
        for step in ("received", "accepted"):
            if self._end is not None and self._end.point == f"{what} {step}":
                while not under_way.done() and not self._is_in_journal(step, name):
                    await asyncio.sleep(0.001)
                if not under_way.done():
                    self.reach(f"{what} {step}")
        outcome = await under_way
        if isinstance(outcome, Sent):
            self.reach(f"{what} answered")
        return outcome

    def _is_in_journal(self, step: str, name: str) -> bool:
        return any(line["event"] == step and line["name"] == name for line in read_journal(self._journal))


def _transaction() -> str:
    """Module and function whose transaction is being committed."""
    frame = sys._getframe(1)
    while any(part in frame.f_code.co_filename for part in _NOT_OURS) and frame.f_back:
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}"


class MortalMailer:
    """SendGrid's client in a process that may die during a call."""

    def __init__(self, mailer: SendGridMailer, fate: Fate) -> None:
        self._mailer, self._fate = mailer, fate

    async def send(self, payload: str, *, by: float | None = None) -> Outcome:
        return await self._fate.during("mail", effect_id_of(json.loads(payload)), self._mailer.send(payload, by=by))


class MortalAgency:
    """The agency's client in a process that may die during a call."""

    def __init__(self, agency: AgencyClient, fate: Fate) -> None:
        self._agency, self._fate = agency, fate

    async def validate(self, case: str) -> Valid | Unanswered:
        return await self._agency.validate(case)

    async def find(self, reference: str, *, by: float | None = None) -> CaseFound | CaseNotFound | Unanswered:
        return await self._agency.find(reference, by=by)

    async def open_case(self, case: str, idempotency_key: str, *, by: float | None = None) -> Outcome:
        call = self._agency.open_case(case, idempotency_key, by=by)
        return await self._fate.during("case", idempotency_key, call)

    async def report_payment(
        self, case_number: str, amount_cents: int, value_on: date, idempotency_key: str, *, by: float | None = None
    ) -> Outcome:
        call = self._agency.report_payment(case_number, amount_cents, value_on, idempotency_key, by=by)
        return await self._fate.during("payment", idempotency_key, call)
