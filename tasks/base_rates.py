"""What the Bundesbank answers for its series of the base rate, as rows that a person may confirm.

Read are SDMX-ML (generic data) and the two CSV forms: the interface's, with columns `TIME_PERIOD` and `OBS_VALUE`, and
the website's, with the series' name in the heading. The series has a value for each month; a half-year's rate is that
of its months, which must agree. A half-year without a month in the answer gets no row: nothing is carried on.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from io import StringIO
from urllib.parse import urlsplit

import httpx
from lxml import etree

from dunning.base_rates import FIRST_DAY, SERIES, BaseRate, bps_of, half_year_of, percent
from dunning.errors import EffectUnavailable, InputRejected, SettingsInvalid
from tasks.intake.xml import parse_xml

SERIES_URL = f"https://api.statistiken.bundesbank.de/rest/download/{SERIES.replace('.', '/', 1)}?format=sdmx&lang=de"
ACCEPT = "application/vnd.sdmx.genericdata+xml;version=2.1, application/xml;q=0.9, text/csv;q=0.8, */*;q=0.1"
"""The interface's other paths answer 406 to whoever names nothing."""
SECONDS = 30.0

_GENERIC = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic}"
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_SERIES_NAME = re.compile(r"[A-Z0-9]+(\.[A-Z0-9_]+){3,}")
_NO_VALUE = frozenset({"", ".", "-", "NaN"})
"""How a month without a value is written."""

Observation = tuple[str, str]
"""Month and value as they are written: ("2026-07", "1.52")."""


def fetch(url: str) -> bytes:
    """The answer of an address. SettingsInvalid for an address that is none, EffectUnavailable without an answer."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise SettingsInvalid("base rates are fetched by https only", f"give an address such as {SERIES_URL}")
    try:
        answer = httpx.get(url, headers={"Accept": ACCEPT}, timeout=SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise _unavailable(f"no answer ({type(error).__name__})") from error
    if answer.status_code != 200:
        raise _unavailable(f"an answer with status {answer.status_code}")
    return answer.content


def read_rates(raw: bytes, origin: str) -> list[BaseRate]:
    """The half-years of an answer, oldest first; `origin` is where it came from, for the rows' source.

    InputRejected: `not_readable`, `other_series`, `no_rates`, `months_disagree`, and what reading a number refuses.
    """
    source = f"Bundesbank series {SERIES}, {origin}, sha256 {hashlib.sha256(raw).hexdigest()[:12]}"
    months: dict[date, dict[str, int]] = {}
    for month, value in _observations(raw):
        first_of_month = _first_of(month)
        if first_of_month >= FIRST_DAY and value.strip() not in _NO_VALUE:
            months.setdefault(half_year_of(first_of_month), {})[month] = bps_of(value)
    if not months:
        raise InputRejected("no_rates", "the answer has no base rate in it", "fetch it again, or add the row by hand")
    return [BaseRate(start, _agreed(start, of_months.values()), source) for start, of_months in sorted(months.items())]


def _observations(raw: bytes) -> Iterator[Observation]:
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _of_xml(start) if start.startswith(b"<") else _of_csv(raw)


def _of_xml(raw: bytes) -> Iterator[Observation]:
    """SDMX-ML: the observations of the one series whose key has every part of ours."""
    found = list(parse_xml(raw).iter(f"{_GENERIC}Series"))
    if not found:
        raise _unreadable("is no SDMX-ML with generic data")
    for series in found:
        key = {_value(part) for part in series.iterfind(f"{_GENERIC}SeriesKey/{_GENERIC}Value")}
        if not key >= set(SERIES.split(".")[1:]):
            raise _other_series()
        for each in series.iterfind(f"{_GENERIC}Obs"):
            yield _value(each.find(f"{_GENERIC}ObsDimension")), _value(each.find(f"{_GENERIC}ObsValue"))


def _value(node: etree._Element | None) -> str:
    return "" if node is None else node.get("value", "")


def _of_csv(raw: bytes) -> Iterator[Observation]:
    """CSV with semicolons or commas, its columns by their names."""
    names, *rows = _cells(raw) or [[]]
    if {"TIME_PERIOD", "OBS_VALUE", "BBK_ID"} <= {*names}:
        return _of_interface([dict(zip(names, cells, strict=False)) for cells in rows])
    if SERIES in names:
        column = names.index(SERIES)
        return ((row[0], row[column]) for row in rows if len(row) > column and _MONTH.fullmatch(row[0]))
    if any(_SERIES_NAME.fullmatch(name) for name in names):
        raise _other_series()
    raise _unreadable("is no answer of the Bundesbank's interface")


def _cells(raw: bytes) -> list[list[str]]:
    """Every line that is not empty, the heading first."""
    try:
        text = raw.decode("utf-8-sig")
        heading, _, _ = text.partition("\n")
        rows = csv.reader(StringIO(text, newline=""), delimiter=";" if ";" in heading else ",")
        return [row for row in rows if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable("is neither SDMX-ML nor CSV in UTF-8") from error


def _of_interface(rows: Iterable[dict[str, str]]) -> Iterator[Observation]:
    for row in rows:
        if row.get("BBK_ID") != SERIES:
            raise _other_series()
        yield row.get("TIME_PERIOD", ""), row.get("OBS_VALUE", "")


def _first_of(month: str) -> date:
    match = _MONTH.fullmatch(month)
    if match is None:
        raise _unreadable("has an observation without a month")
    return date(int(match[1]), int(match[2]), 1)


def _agreed(start: date, rates: Iterable[int]) -> int:
    """The one rate of a half-year's months: § 247 (1) BGB knows no change in between."""
    different = sorted(set(rates))
    if len(different) > 1:
        written = " and ".join(f"{percent(bps)} %" for bps in different)
        raise InputRejected(
            "months_disagree",
            f"the half-year from {start} has {written}",
            "compare with bundesbank.de; nothing was taken",
        )
    return different[0]


def _unreadable(why: str) -> InputRejected:
    return InputRejected(
        "not_readable", f"the answer {why}", f"fetch series {SERIES} as SDMX-ML or CSV; JSON and others are not read"
    )


def _other_series() -> InputRejected:
    return InputRejected("other_series", "the answer is of another series", f"fetch series {SERIES}")


def _unavailable(why: str) -> EffectUnavailable:
    return EffectUnavailable(f"the base rates could not be fetched: {why}", "try again, or load a downloaded file")
