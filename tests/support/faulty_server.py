"""A real HTTP server on loopback that fails as the world does: scripted or by chance, before or after acting.

What it serves is an `Application`: the fake SendGrid, or a `Relay` to a server that behaves. Everything that
arrived, was accepted and was answered goes to a journal that is on disk before the answer leaves, so that a
killed client can be held against what the other side saw.

    python -m tests.support.faulty_server --upstream http://127.0.0.1:8765 --journal calls.jsonl --seed 1
"""

import argparse
import http.client
import json
import os
import select
import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from tests.support.faults import FAULTS, Fault, FaultPlan, Reply


@dataclass(frozen=True, slots=True)
class Received:
    """A whole request. Header names are in lower case."""

    number: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Application(Protocol):
    """What a healthy server would do."""

    def name_of(self, request: Received) -> str:
        """The caller's own name for what it asks, such as the effect id; for the journal."""
        ...

    def serve(self, request: Received, journal: "Journal") -> Reply:
        """Do it, and write to the journal that it was accepted or why not."""
        ...


class Journal:
    """One JSON line an event, on disk when `write` returns. Kept in memory too."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = path.open("a", encoding="utf-8") if path else None
        self._lock = threading.Lock()
        self.lines: list[dict[str, Any]] = []

    def write(self, event: str, request: Received, name: str, **facts: Any) -> None:
        line = {"event": event, "request": request.number, "name": name, "at_ns": time.time_ns(), **facts}
        with self._lock:
            self.lines.append(line)
            if self._file:
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
                self._file.flush()
                os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file:
            self._file.close()


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The events of a journal in their order; a line that is cut off by a kill is left out."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


class FaultyServer:
    """Serves an application on a free port of loopback in threads of its own, under `with`."""

    def __init__(
        self,
        application: Application,
        *,
        plan: FaultPlan | None = None,
        journal: Path | None = None,
        latency_seconds: float = 0.0,
        late_seconds: float = 2.0,
        drip_seconds: float = 0.05,
        port: int = 0,
    ) -> None:
        self.application = application
        self.plan = plan or FaultPlan()
        self.journal = Journal(journal)
        self.latency_seconds = latency_seconds
        """How long a request is under way, half of it before the application acts and half after."""
        self.late_seconds = late_seconds
        self.drip_seconds = drip_seconds
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self.requests = 0
        self.connections = 0
        self._in_flight = 0
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.faulty = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def arrive(self) -> int:
        """Count a request as under way and number it."""
        with self._lock:
            self.requests += 1
            self._in_flight += 1
            return self.requests

    def leave(self) -> None:
        """One request is done with, and in the journal."""
        with self._idle:
            self._in_flight -= 1
            self._idle.notify_all()

    def wait_until_idle(self, seconds: float = 10.0) -> None:
        """Wait until nothing is under way, so that the journal is complete."""
        with self._idle:
            if not self._idle.wait_for(lambda: self._in_flight == 0, seconds):
                raise TimeoutError("a request is still under way")

    @property
    def in_flight(self) -> int:
        """Requests that arrived and are not done with."""
        with self._lock:
            return self._in_flight

    def serve_forever(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.journal.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    faulty: FaultyServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of the game; anything else is our bug and must be seen."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.faulty.connections += 1

    def do_POST(self) -> None:
        self._serve()

    do_GET = do_PUT = do_POST  # noqa: N815 - the base class looks for these names

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the console: the journal tells."""

    def _serve(self) -> None:
        if self.path.startswith("/control/"):
            self._write(self._control(self._body()))
            return
        number = self.server.faulty.arrive()
        try:
            self._fail_or_serve(number)
        finally:
            self.server.faulty.leave()

    def _control(self, body: bytes) -> Reply:
        """For tests in another process: script faults, ask what is under way and what was accepted."""
        faulty = self.server.faulty
        if self.path == "/control/faults":
            faulty.plan.script(json.loads(body))
        answers: dict[str, object] = {
            "/control/in-flight": faulty.in_flight,
            "/control/accepted": [line for line in faulty.journal.lines if line["event"] == "accepted"],
        }
        return Reply(200, {"Content-Type": "application/json"}, json.dumps(answers.get(self.path)).encode())

    def _fail_or_serve(self, number: int) -> None:
        faulty = self.server.faulty
        fault_name = faulty.plan.next()
        fault = FAULTS.get(fault_name, Fault("answer", True))
        body = b"" if fault.how == "drop_unread" else self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Received(number, self.command, self.path, headers, body)
        name = faulty.application.name_of(request)
        faulty.journal.write("received", request, name, fault=fault_name)
        faulty.stopping.wait(faulty.latency_seconds / 2)
        reply = Reply(500)
        if fault.acts:
            reply = faulty.application.serve(request, faulty.journal)
        else:
            faulty.journal.write("not_accepted", request, name, why=fault_name)
        faulty.stopping.wait(faulty.latency_seconds / 2)
        answered = not self._peer_gone() and self._answer(fault, fault.reply or reply)
        faulty.journal.write("answered" if answered else "unanswered", request, name)

    def _answer(self, fault: Fault, reply: Reply) -> bool:
        """Answer as the fault wants; whether a whole answer left."""
        faulty, content = self.server.faulty, self._bytes_of(reply)
        match fault.how:
            case "answer":
                return self._write(reply)
            case "late":
                return not self._peer_gone(wait_seconds=faulty.late_seconds) and self._write(reply)
            case "hang":
                self._peer_gone(wait_seconds=3600)
            case "drip":
                for at in range(len(content)):
                    if self._peer_gone(wait_seconds=faulty.drip_seconds):
                        break
                    self.wfile.write(content[at : at + 1])
                else:
                    return True
            case "cut":
                self.wfile.write(self._bytes_of(Reply(reply.status, reply.headers, b"x" * 100))[:-50])
            case "garbage":
                self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.close_connection = True
        return False

    def _write(self, reply: Reply) -> bool:
        self.wfile.write(self._bytes_of(reply))
        return True

    def _bytes_of(self, reply: Reply) -> bytes:
        now = time.time_ns() // 10**9
        length = str(len(reply.body))
        headers = {**reply.headers, "Date": self.date_time_string(now), "Content-Length": length}
        soon = {name: str(now + int(value)) for name, value in headers.items() if value[0] == "+"}
        lines = [f"{name}: {value}" for name, value in (headers | soon).items()]
        head = "\r\n".join([f"HTTP/1.1 {reply.status} {http.client.responses.get(reply.status, 'X')}", *lines])
        return f"{head}\r\n\r\n".encode("latin-1") + reply.body

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _peer_gone(self, *, wait_seconds: float = 0.0) -> bool:
        """Whether the client has hung up, waiting for that; True too when the server stops meanwhile."""
        until = time.monotonic() + wait_seconds
        while True:
            left = until - time.monotonic()
            readable, _, _ = select.select([self.connection], [], [], max(0.0, min(left, 0.05)))
            if readable:
                return self._at_end()
            if left <= 0:
                return False
            if self.server.faulty.stopping.is_set():
                return True

    def _at_end(self) -> bool:
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True


class Relay:
    """Passes requests on to a server that behaves, and its answers back."""

    def __init__(self, upstream: str) -> None:
        self._host = urlsplit(upstream).netloc

    def name_of(self, request: Received) -> str:
        return request.headers.get("idempotency-key", "")

    def serve(self, request: Received, journal: Journal) -> Reply:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request(request.method, request.path, request.body, dict(request.headers))
            answer = connection.getresponse()
            reply = Reply(answer.status, {"Content-Type": answer.getheader("Content-Type", "")}, answer.read())
        finally:
            connection.close()
        event = "accepted" if answer.status < 300 else "not_accepted"
        journal.write(event, request, self.name_of(request), status=answer.status)
        return reply


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of every faulty server that runs as a process of its own."""
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal", type=Path)
    parser.add_argument("--seed", type=int, help="fail by chance as on a bad day, reproducibly")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that a request is under way")


def run(application: Application, options: argparse.Namespace) -> None:
    """Serve until the process is ended; the first line of output is the address."""
    server = FaultyServer(
        application,
        plan=FaultPlan(seed=options.seed),
        journal=options.journal,
        latency_seconds=options.latency,
        port=options.port,
    )
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description="a relay that fails")
    parser.add_argument("--upstream", required=True)
    add_options(parser)
    options = parser.parse_args()
    run(Relay(options.upstream), options)


if __name__ == "__main__":
    main()
