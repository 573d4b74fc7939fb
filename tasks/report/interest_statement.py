"""A statement of default interest in plain values: amounts as text with two decimals, rates in per cent as text."""

from typing import Any

from dunning.base_rates import percent
from dunning.interest import InterestStatement, Segment
from dunning.money import plain


def as_json(statement: InterestStatement) -> dict[str, Any]:
    """The whole statement; `until` days are not charged, `daily` is what each day from `until` on costs."""
    daily = statement.daily_cents
    return {
        "from": statement.from_on,
        "until": statement.until_on,
        "days": (statement.until_on - statement.from_on).days,
        "margin": percent(statement.margin_bps),
        "day_count": str(statement.day_count),
        "interest": plain(statement.cents),
        "daily": None if daily is None else plain(daily),
        "segments": [_segment(each) for each in statement.segments],
    }


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "from": segment.from_on,
        "until": segment.until_on,
        "days": segment.days,
        "principal": plain(segment.principal_cents),
        "base_rate": percent(segment.base.bps),
        "rate": percent(segment.rate_bps),
        "amount": plain(segment.cents),
        "source": segment.base.source,
    }
