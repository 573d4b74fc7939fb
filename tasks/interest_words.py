"""The statement of interest as a notice shows it: since when and why, and row by row how it adds up.

Days are the first and the last one charged, as people count them; amounts are those of the statement.
"""

from datetime import date, timedelta

from dunning.interest import InterestStatement, Segment
from dunning.notice import Notice
from tasks.figures import amount_text, day_text, points_text, rate_text

Row = tuple[str, str, str, str, str, str, str]
"""First day, last day, days, principal, rate, base rate, amount."""


def interest_words(notice: Notice, language: str) -> dict[str, str | tuple[Row, ...]]:
    """The variables of the interest statement; `interest_rows` is empty where there is none."""
    stated = notice.interest
    segments = stated.segments if stated else ()
    return {
        "default_from": day_text(notice.default.from_on if notice.default else None, language),
        "default_route": notice.default.route.value if notice.default else "",
        "interest_rows": tuple(_row(each, notice.currency, language) for each in segments),
        "interest_total": amount_text(notice.amounts.accrued_interest_cents, notice.currency, language),
        "points": points_text(stated.margin_bps, language) if stated else "",
        "daily": _daily(stated, notice.currency, language),
        "daily_from": day_text(stated.until_on if stated else None, language),
    }


def _row(segment: Segment, currency: str, language: str) -> Row:
    return (
        day_text(segment.from_on, language),
        day_text(_last_day(segment.until_on), language),
        str(segment.days),
        amount_text(segment.principal_cents, currency, language),
        rate_text(segment.rate_bps, language),
        rate_text(segment.base.bps, language),
        amount_text(segment.cents, currency, language),
    )


def _daily(stated: InterestStatement | None, currency: str, language: str) -> str:
    """Empty where it is unknown or rounds to nothing."""
    daily_cents = stated.daily_cents if stated else None
    return amount_text(daily_cents, currency, language) if daily_cents else ""


def _last_day(until_on: date) -> date:
    """The last charged day of a half-open range."""
    return until_on - timedelta(days=1)
