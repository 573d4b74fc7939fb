"""A clock that runs fast, and alike in every process that was given it: a lease of two minutes ends after 1.5 s."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tasks.clock import FixedClock, berlin_day
from tasks.outbox.exchange import DEADLINE_SECONDS

SPEED = 80
"""Seconds of this clock in one of the machine's."""
CALL_SECONDS = 1.0
"""A call's deadline, in seconds of the machine; shorter than a lease, as the real one is."""


@dataclass(frozen=True, slots=True)
class RunningClock:
    """Stood at `at` when the machine's monotonic clock, the same in all processes, stood at `since`."""

    at: datetime
    since: float

    @classmethod
    def on(cls, day: date) -> "RunningClock":
        """Running from now on, from 9 o'clock in Berlin of that day."""
        return cls(FixedClock.on(day).now(), time.monotonic())

    def later(self, by: timedelta) -> "RunningClock":
        """The clock of whoever starts after such a pause: a machine that was down."""
        return replace(self, at=self.at + by)

    def now(self) -> datetime:
        return self.at + timedelta(seconds=(time.monotonic() - self.since) * SPEED)

    def today(self) -> date:
        return berlin_day(self.now())

    def monotonic(self) -> float:
        """Set back, so that the deadline that is counted from it passes after `CALL_SECONDS`."""
        return time.monotonic() - DEADLINE_SECONDS + CALL_SECONDS

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)
