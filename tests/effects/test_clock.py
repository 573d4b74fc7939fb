"""The clock: Berlin's day from instants, and a clock that tests and replays can move."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tasks.clock import BERLIN, Clock, FixedClock, SystemClock, berlin_day


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 1, 5, 22, 59, 59, tzinfo=UTC), date(2026, 1, 5)),
        (datetime(2026, 1, 5, 23, 0, tzinfo=UTC), date(2026, 1, 6)),
        (datetime(2026, 7, 5, 21, 59, 59, tzinfo=UTC), date(2026, 7, 5)),
        (datetime(2026, 7, 5, 22, 0, tzinfo=UTC), date(2026, 7, 6)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2028, 2, 28, 23, 0, tzinfo=UTC), date(2028, 2, 29)),
    ],
    ids=[
        "winter eve",
        "winter midnight",
        "summer eve",
        "summer midnight",
        "spring night",
        "autumn night",
        "new year",
        "leap day",
    ],
)
def test_business_day_is_berlins(at: datetime, day: date) -> None:
    assert berlin_day(at) == day


def test_an_instant_without_zone_is_refused() -> None:
    bare = datetime(2026, 1, 5, 9)  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="time zone"):
        berlin_day(bare)
    with pytest.raises(ValueError, match="time zone"):
        FixedClock(bare)


def test_system_clock_speaks_aware_utc() -> None:
    clock: Clock = SystemClock()
    before, tick = clock.now(), clock.monotonic()
    assert before.utcoffset() == timedelta(0)
    assert clock.today() in {berlin_day(before), berlin_day(clock.now())}
    assert clock.monotonic() >= tick


async def test_fixed_clock_stands_sleeps_and_moves() -> None:
    clock = FixedClock.on(date(2026, 11, 23))
    assert clock.now() == datetime(2026, 11, 23, 8, 0, tzinfo=UTC) == clock.now()
    assert clock.now().tzinfo is UTC
    await clock.sleep(90)
    assert clock.monotonic() == 90
    clock.advance(timedelta(hours=15))
    assert clock.today() == date(2026, 11, 24)
    clock.move_to(datetime(2026, 11, 1, 0, 30, tzinfo=BERLIN))
    assert clock.today() == date(2026, 11, 1)
    assert clock.monotonic() == 0
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(timedelta(seconds=-1))
