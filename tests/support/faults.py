"""The ways in which a server of the outside world fails, by name, and the plan of which comes next."""

import json
import random
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; `Content-Length` and `Date` are added."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail. `acts`: the application runs all the same, so the request took effect."""

    how: Literal["answer", "drop", "drop_unread", "hang", "late", "drip", "cut", "garbage"]
    acts: bool = False
    reply: Reply | None = None
    """What is answered; None leaves it to the application."""


def _errors(message: str) -> bytes:
    return json.dumps({"errors": [{"message": message, "field": None, "help": None}]}).encode()


def _plain(status: int, message: str = "no", **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault("answer", False, Reply(status, {"Content-Type": "application/json", **named}, _errors(message)))


_PAGE = Reply(200, {"Content-Type": "text/html; charset=utf-8"}, b"<html><body>Please log in.</body></html>")
FAULTS: dict[str, Fault] = {
    "200_page": Fault("answer", False, _PAGE),
    "302": _plain(302, Location="/elsewhere"),
    "307": _plain(307, Location="/elsewhere"),
    "400": _plain(400),
    "401": _plain(401),
    "403": _plain(403),
    "404": _plain(404),
    "409": _plain(409),
    "413": _plain(413),
    "422": _plain(422),
    "429": _plain(429, X_RateLimit_Reset="+7"),
    "429_retry_after": _plain(429, Retry_After="7"),
    "429_bare": _plain(429),
    "500": _plain(500),
    "500_page": Fault("answer", False, Reply(500, _PAGE.headers, _PAGE.body)),
    "503": _plain(503),
    "500_after": Fault("answer", True, Reply(500)),
    "503_after": Fault("answer", True, Reply(503)),
    "drop_unread": Fault("drop_unread"),
    "drop_before": Fault("drop"),
    "drop_after": Fault("drop", True),
    "hang_before": Fault("hang"),
    "hang_after": Fault("hang", True),
    "late": Fault("late", True),
    "drip": Fault("drip", True),
    "cut": Fault("cut", True),
    "garbage": Fault("garbage"),
    "garbage_after": Fault("garbage", True),
}
"""Every fault by name. `+7` stands for the instant in seven seconds."""

FAULTY: tuple[tuple[str, float], ...] = (
    ("500", 0.01),
    ("500_after", 0.01),
    ("drop_after", 0.01),
    ("drop_before", 0.005),
    ("429", 0.02),
    ("hang_after", 0.005),
)
"""A bad day: 6 % of requests fail."""


class FaultPlan:
    """Which fault comes next: the scripted ones first, then chance by seed."""

    def __init__(self, script: Iterable[str] = (), *, seed: int | None = None) -> None:
        self._script: deque[str] = deque()
        self._chance = random.Random(seed) if seed is not None else None
        self._lock = threading.Lock()
        self.script(script)

    def script(self, names: Iterable[str]) -> None:
        """The next requests fail so, one each; `ok` lets one through."""
        names = list(names)
        if unknown := [name for name in names if name != "ok" and name not in FAULTS]:
            raise ValueError(f"no such fault: {unknown}")
        with self._lock:
            self._script.extend(names)

    def next(self) -> str:
        """The name of the next request's fault; `ok` for none."""
        with self._lock:
            if self._script:
                return self._script.popleft()
            if self._chance is None:
                return "ok"
            names = [name for name, _ in FAULTY] + ["ok"]
            weights = [share for _, share in FAULTY]
            return self._chance.choices(names, [*weights, 1 - sum(weights)])[0]
