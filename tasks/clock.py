"""The clock. The only module that reads it; everything else is told the instant or the day.

Instants are aware UTC, business days are dates in Europe/Berlin. A flow reads the day once and hands it down.
"""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


def berlin_day(at: datetime) -> date:
    """The business day of an aware instant; 22:30 UTC in summer is the next day in Berlin."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return at.astimezone(BERLIN).date()


class Clock(Protocol):
    """What reads the time and waits."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        ...

    def today(self) -> date:
        """The present business day in Berlin."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean something."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait this long, leaving the loop to others."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place

    def today(self) -> date:
        return berlin_day(self.now())

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ShiftedClock(SystemClock):
    """The machine's clock, so many days earlier: it ticks, and its waits are real. For living through past days."""

    def __init__(self) -> None:
        self._shift = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self._shift

    def move_to(self, day: date, hour: int = 9) -> None:
        """Go on from that Berlin hour of that day."""
        self._shift = datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN) - super().now()


class FixedClock:
    """A clock that stands until it is moved: for replays, the demo's eight weeks, and tests.

    Sleeping moves it on at once, so whoever waits in a replay waits no real time.
    """

    def __init__(self, at: datetime) -> None:
        self._started = _aware(at)
        self._now = self._started

    @classmethod
    def on(cls, day: date, hour: int = 9) -> "FixedClock":
        """Standing at that Berlin hour of that day."""
        return cls(datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN))

    def now(self) -> datetime:
        return self._now

    def today(self) -> date:
        return berlin_day(self._now)

    def monotonic(self) -> float:
        return max(0.0, (self._now - self._started).total_seconds())

    async def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    def advance(self, by: timedelta) -> None:
        """Move on by `by`; a negative `by` is refused, since only `move_to` may go back."""
        if by < timedelta(0):
            raise ValueError("a clock does not run backwards")
        self._now += by

    def move_to(self, at: datetime) -> None:
        """Jump to an aware instant, also back (a machine's clock may be set back)."""
        self._now = _aware(at)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return at.astimezone(UTC)
