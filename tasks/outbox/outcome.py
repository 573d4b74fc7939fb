"""What became of one try to reach the outside world, as values.

Only the class of an outcome decides what happens next: `Sent` is done, `NotSent` may be tried again,
`Refused` goes to staff and is never tried again, `Forbidden` stops the whole run, `Uncertain` may have
happened and is never repeated blindly. Reasons are short codes: no body, name or address enters them.
"""

import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side took it. `provider_id` is its own number for it and may be empty."""

    provider_id: str
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly nothing happened; may be tried again, not before `retry_after_seconds` where given."""

    reason: str
    retry_after_seconds: int | None = None
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side read it and said no; the same request will get the same answer."""

    reason: str
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Our credentials were refused, or we are blocked: nothing else will get through either."""

    reason: str
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It may have happened or not: only evidence or a person may say so."""

    reason: str
    http_status: int | None = None


Outcome = Sent | NotSent | Refused | Forbidden | Uncertain

LONGEST_WAIT_SECONDS = 24 * 3600
"""A longer wait than a day that the other side asks for is cut to a day: the next daily run looks again."""

_NOTHING_WRITTEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (httpx.ConnectTimeout, "connect_timeout"),
    (httpx.ConnectError, "connect_failed"),
    (httpx.PoolTimeout, "pool_timeout"),
    (httpx.ReadTimeout, "read_timeout"),
    (httpx.WriteTimeout, "write_timeout"),
    (httpx.ReadError, "connection_lost"),
    (httpx.WriteError, "connection_lost"),
    (httpx.RemoteProtocolError, "answer_broken"),
    (httpx.DecodingError, "answer_broken"),
    (TimeoutError, "deadline"),
)


def outcome_of_failure(failure: Exception, *, begun: bool) -> NotSent | Uncertain:
    """Say what a failed exchange means; `begun` is whether anything of the request may have been written.

    A refused connection, a name that does not resolve, a failed TLS handshake and a full pool are certain
    whatever `begun` says; of anything else we know only as much as `begun`.
    """
    reason = next((code for kind, code in _REASONS if isinstance(failure, kind)), "exchange_failed")
    if isinstance(failure, _NOTHING_WRITTEN) or not begun:
        return NotSent(reason)
    return Uncertain(reason)


def outcome_of_status(status: int, headers: Mapping[str, str], *, provider_id: str = "") -> Outcome:
    """Say what an HTTP status means for an effect that the other side cannot de-duplicate (mail).

    `headers` are looked up in lower case. 5xx and 3xx are uncertain: a gateway may answer for a server that
    already took the message, and a redirect says nothing about it.
    """
    if 200 <= status < 300:
        return Sent(provider_id, status)
    if status == 429:
        return NotSent("throttled", retry_after_seconds(headers), status)
    if status in (401, 403):
        return Forbidden(f"http_{status}", status)
    if 400 <= status < 500:
        return Refused(f"http_{status}", status)
    return Uncertain(f"http_{status}", status)


def retry_after_seconds(headers: Mapping[str, str]) -> int | None:
    """Seconds to wait as the other side asks, 1 to a day; None where it says nothing usable.

    `Retry-After` holds seconds or a date, `X-RateLimit-Reset` seconds since 1970. Both instants are the other
    side's clock, so they are measured against its own `Date`, and our clock may be wrong.
    """
    answered_at = _instant(headers.get("date", ""))
    wait = _wait(headers.get("retry-after", ""), answered_at)
    if wait is None:
        reset = headers.get("x-ratelimit-reset", "").strip()
        if answered_at is not None and re.fullmatch(r"[0-9]{1,12}", reset):
            wait = int(reset) - int(answered_at.timestamp())
    if wait is None or wait <= 0:
        return None
    return min(wait, LONGEST_WAIT_SECONDS)


def _wait(retry_after: str, answered_at: datetime | None) -> int | None:
    if re.fullmatch(r"[0-9]{1,12}", retry_after.strip()):
        return int(retry_after)
    until = _instant(retry_after)
    if until is None or answered_at is None:
        return None
    return int((until - answered_at).total_seconds())


def _instant(text: str) -> datetime | None:
    """Read an HTTP date; None where it is none, or names no zone."""
    try:
        instant = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return instant if instant.tzinfo is not None else None
