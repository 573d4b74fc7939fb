"""Writes the sample shop to a folder: settings, and one folder a day with the files that arrive on it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

from deployments.demo.arrivals import Arrival, arrivals
from deployments.demo.outcome import outcome
from deployments.demo.seller import settings_env
from deployments.demo.shop import Shop, open_shop
from deployments.demo.story import Day, Mishap, StaffAct, Story

LEAST_WEEKS = 6
"""The strange files come in the first four weeks, and most fates need this long to be seen."""


def write_shop(folder: Path, *, start: date, weeks: int = 8, seed: int = 1) -> Story:
    """Write the whole shop below `folder` and tell its story.

    `start` is a Monday; the story's days are the Mondays to Fridays from there to the Monday `weeks` weeks
    later. Folders are named by day (`2026-09-28/`). Raises ValueError for another weekday or too few weeks.
    """
    if start.weekday() != 0 or weeks < LEAST_WEEKS:
        raise ValueError(f"the story starts on a Monday and lasts at least {LEAST_WEEKS} weeks")
    shop = open_shop(start, weeks, seed)
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "settings.env"
    settings.write_text(settings_env(), encoding="utf-8")
    files = arrivals(shop)
    open_cents, unmatched = outcome(shop)
    written = {(file.on, file.name): _write(folder, file) for file in files}
    return Story(
        folder=folder,
        settings=settings,
        days=_days(shop, files, written),
        fates=MappingProxyType({sale.invoice.number: sale.fate for sale in shop.sales}),
        open_cents=MappingProxyType(open_cents),
        unmatched=unmatched,
        mishaps=MappingProxyType(_mishaps(files, written)),
        customers=len(shop.customers),
        credit_notes=sum(note.issued_on <= shop.end for note in shop.credit_notes),
    )


def _write(folder: Path, file: Arrival) -> Path:
    path = folder / file.on.isoformat() / file.name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(file.content)
    return path


def _days(shop: Shop, files: Iterable[Arrival], written: dict[tuple[date, str], Path]) -> tuple[Day, ...]:
    arriving: defaultdict[date, list[Path]] = defaultdict(list)
    for file in files:
        arriving[file.on].append(written[file.on, file.name])
    acts: defaultdict[date, list[StaffAct]] = defaultdict(list)
    for on, act in shop.acts:
        acts[on].append(act)
    all_days = (shop.start + timedelta(n) for n in range((shop.end - shop.start).days + 1))
    return tuple(Day(on, tuple(arriving[on]), tuple(acts[on])) for on in all_days if on.weekday() < 5)


def _mishaps(files: Iterable[Arrival], written: dict[tuple[date, str], Path]) -> dict[Mishap, Path]:
    return {file.mishap: written[file.on, file.name] for file in files if file.mishap}
