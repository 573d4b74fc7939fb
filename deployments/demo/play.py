"""The demo: eight weeks of the sample shop, lived through with real flow runs, and a hand-over left for a person."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from dotenv import dotenv_values
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deployments.demo import Day, Story, write_shop
from deployments.demo.summary import show_summary, show_where
from deployments.sandbox.agency import SANDBOX_KEY
from deployments.supervisor import stop_signals_raise
from deployments.up import Platform, PlatformFailed
from dunning.errors import SettingsInvalid
from tasks.clock import ShiftedClock, SystemClock
from tasks.settings import PREFIX, load_settings
from tasks.store.engine import Store
from tasks.store.migrate import migrate

WEEKS = 8
HOME = Path("var") / "demo"
MARK = "demo-of-mahnlauf"
"""A file in the demo's home: only a home with it is cleared for a new demo."""
SECONDS_TO_SUSPEND = 90.0


def play(*, stay: bool, port: int | None = None, home: Path = HOME) -> int:
    """Set the shop up, live through its weeks, show what happened; the exit code.

    With `stay` the UI stays up until Ctrl-C.
    """
    out = Console()
    home = home.absolute()
    start = _first_monday(SystemClock().today())
    with stop_signals_raise():
        try:
            _clear(home)
            story = write_shop(home / "shop", start=start, weeks=WEEKS)
            with _settings_of(story, home), Platform(home, port=port, say=out.print) as platform:
                os.environ |= _flow_environment(platform)
                out.print(f"Prefect's UI: [bold]{platform.ui_url}[/bold]  - watch the runs come in\n")
                waiting = asyncio.run(_live(story, out))
                show_summary(out, story)
                show_where(out, platform.ui_url, waiting, home)
                if stay:
                    out.print("\nIt stays up until Ctrl-C.")
                    platform.wait()
                return 0
        except KeyboardInterrupt:
            out.print("Stopped.")
            return 0
        except PlatformFailed as failure:
            out.print(str(failure), style="red", markup=False)
            return 1


def _first_monday(today: date) -> date:
    """The Monday so many weeks before the present one."""
    return today - timedelta(days=today.weekday(), weeks=WEEKS)


def _clear(home: Path) -> None:
    """Make room for a new demo; only what a demo made is removed."""
    if home.exists():
        if not (home / MARK).exists():
            raise SettingsInvalid(f"{home} was not made by the demo", "move it away, then start the demo again")
        shutil.rmtree(home)
    home.mkdir(parents=True)
    (home / MARK).touch()


@contextmanager
def _settings_of(story: Story, home: Path) -> Iterator[None]:
    """The sample shop's settings, and nobody else's, in the environment; a new database."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    os.environ |= {name: value or "" for name, value in dotenv_values(story.settings).items()}
    os.environ |= {f"{PREFIX}HOME": str(home)}
    try:
        store = Store(load_settings(story.settings).database_url)
        migrate(store)
        store.close()
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def _flow_environment(platform: Platform) -> dict[str, str]:
    """What makes this process's flow runs appear in the platform's UI and reach its agency."""
    return {
        "PREFECT_API_URL": platform.api_url,
        "PREFECT_HOME": str(platform.home / "prefect"),
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        f"{PREFIX}AGENCY_URL": platform.agency_url,
        f"{PREFIX}AGENCY_KEY": SANDBOX_KEY,
    }


async def _live(story: Story, out: Console) -> UUID:
    """Live through the days, then ask for a hand-over as the schedule would; the id of the run that waits."""
    from deployments.demo import days  # noqa: PLC0415 - Prefect reads its settings when it is imported

    clock = ShiftedClock()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        bar = progress.add_task("Eight weeks of a shop", total=len(story.days))
        async with days.world_in(clock) as world:
            for day in story.days:
                progress.update(bar, description=_said(day))
                await days.live(world, clock, day, is_last=day is story.days[-1])
                progress.advance(bar)
        progress.update(bar, description="A hand-over is proposed")
        return await days.ask_for_hand_over(SECONDS_TO_SUSPEND)


def _said(day: Day) -> str:
    return f"{day.on:%a %d %b}: {len(day.files):>2} files"
