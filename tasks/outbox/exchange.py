"""One HTTP request and its answer: bounded in time and size, no retry, no redirect, no proxy.

The caller learns one thing that httpx does not tell by itself: whether anything can have been written
before the exchange failed.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from tasks.outbox.outcome import NotSent, Uncertain, outcome_of_failure

DEADLINE_SECONDS = 45.0
"""From the call to the last byte of the answer; the lease of an effect is longer."""
TIMEOUTS = httpx.Timeout(connect=5.0, read=30.0, write=10.0, pool=5.0)
LARGEST_ANSWER_BYTES = 64 * 1024
"""More than any answer we read; a longer one is broken."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _TooLateError(Exception):
    """The deadline passed before the first byte was written, as after a machine was asleep."""


class Line:
    """Kept-alive connections to one host. Used in one event loop; `async with` closes it."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        timeouts: httpx.Timeout = TIMEOUTS,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._deadline_seconds = deadline_seconds
        self._client = httpx.AsyncClient(
            # No compression: an answer of ours is small, and a packed one could unpack to anything.
            headers={"User-Agent": "mahnlauf", "Accept-Encoding": "identity", **headers},
            timeout=timeouts,
            follow_redirects=False,
            trust_env=False,
        )

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        by: float | None = None,
    ) -> Answer | NotSent | Uncertain:
        """Ask once, until the instant `by` of `time.monotonic`; without it for `deadline_seconds`."""
        deadline = time.monotonic() + self._deadline_seconds if by is None else by
        begun = False

        async def watch(event: str, _info: Mapping[str, Any]) -> None:
            nonlocal begun
            if event.endswith("send_request_headers.started"):
                if time.monotonic() >= deadline:
                    raise _TooLateError
                begun = True

        request = self._client.build_request(
            method, self._base_url + path, content=content, params=params, headers=headers
        )
        request.extensions["trace"] = watch
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                return await self._answer_to(request)
        except _TooLateError:
            return NotSent("deadline")
        except (httpx.HTTPError, OSError) as failure:  # TimeoutError is an OSError
            return outcome_of_failure(failure, begun=begun)

    async def _answer_to(self, request: httpx.Request) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > LARGEST_ANSWER_BYTES:
                    raise httpx.RemoteProtocolError("answer too long", request=request)
            return Answer(response.status_code, response.headers, bytes(body))
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
