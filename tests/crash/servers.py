"""The other sides as processes of their own, so that what they saw outlives whatever the tests kill."""

import socket
from multiprocessing.connection import Connection
from pathlib import Path

import uvicorn

from deployments.sandbox.agency import LOOPBACK, create_app
from tests.support.fake_sendgrid import FakeSendGrid
from tests.support.faults import FaultPlan
from tests.support.faulty_server import Application, FaultyServer, Relay

LATENCY_SECONDS = 0.06
"""How long a request is under way; a kill falls into it."""


def serve_sendgrid(ready: Connection, journal: Path, seed: int | None) -> None:
    """SendGrid; with a seed one that fails as on a bad day."""
    _serve(FakeSendGrid(), ready, journal, seed)


def serve_relay(ready: Connection, journal: Path, upstream: str) -> None:
    """What stands between us and the agency, and keeps the journal."""
    _serve(Relay(upstream), ready, journal, latency_seconds=0.01)


def serve_agency(ready: Connection, folder: Path) -> None:
    """The agency's sandbox that we ship."""
    listener = socket.create_server((LOOPBACK, 0))
    ready.send(f"http://{LOOPBACK}:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(create_app(folder), log_level="warning", access_log=False))
    server.run(sockets=[listener])


def _serve(
    application: Application,
    ready: Connection,
    journal: Path,
    seed: int | None = None,
    latency_seconds: float = LATENCY_SECONDS,
) -> None:
    plan = FaultPlan(seed=seed)
    server = FaultyServer(application, plan=plan, journal=journal, latency_seconds=latency_seconds)
    ready.send(server.url)
    server.serve_forever()
