"""Amounts, days and rates as people read them, in the languages that we have words in."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

LANGUAGES = ("de", "en")
_DAY = {"de": "dd.MM.yyyy", "en": "d MMMM yyyy"}
_WEEKDAY = {"de": "EEEE, dd.MM.yyyy", "en": "EEEE, d MMMM yyyy"}
_PERCENT = {"de": " %", "en": "%"}


@lru_cache(maxsize=4096)
def amount_text(cents: int, currency: str, language: str) -> str:
    """Exact: `1.234,56 €` in German, `€1,234.56` in English; with a plain blank, as people search for it."""
    shown = format_currency(Decimal(cents).scaleb(-2), currency, locale=language)
    return shown.replace("\N{NO-BREAK SPACE}", " ")


@lru_cache(maxsize=4096)
def day_text(day: date | None, language: str) -> str:
    """`23.11.2026` or `23 November 2026`; empty where there is no day."""
    return format_date(day, _DAY[language], locale=language) if day else ""


@lru_cache(maxsize=4096)
def weekday_text(day: date | None, language: str) -> str:
    """`Montag, 23.11.2026` or `Monday, 23 November 2026`; empty where there is no day."""
    return format_date(day, _WEEKDAY[language], locale=language) if day else ""


def rate_text(bps: int, language: str) -> str:
    """A rate a year: `6,52 %` or `6.52%`; `-0,88 %` below nought."""
    return format_decimal(Decimal(bps).scaleb(-2), "0.00", locale=language) + _PERCENT[language]


def points_text(bps: int, language: str) -> str:
    """Percentage points without needless decimals: `5`, `9`, `9,2` in German."""
    return format_decimal(Decimal(bps).scaleb(-2), "0.##", locale=language)
