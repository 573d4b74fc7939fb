"""`mahnlauf up`: Prefect's server with its UI, the deployments and a worker on this machine, by one command.

The server is the product's own: its database lies under `<home>/prefect`, it listens on loopback only, and no
PREFECT_ variable of the caller reaches it, since one that names another server would send our runs there.
Prefect's settings stand in pyproject.toml, `[tool.prefect]`; Prefect reads it in the folder it is started in.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import httpx

from deployments.ports import LOOPBACK, first_free_port, is_free
from deployments.sandbox.agency import SANDBOX_KEY
from deployments.supervisor import (
    Child,
    OnlyOne,
    stop,
    stop_signals_dropped,
    stop_signals_held,
    stop_signals_raise,
)
from dunning.errors import MahnlaufError

ROOT = Path(__file__).parents[1]
PREFECT_FILE = ROOT / "deployments" / "prefect.yaml"
WORK_POOL = "mahnlauf"
UI_PORT = 4200
AGENCY_PORT = 4280
RUNS_AT_ONCE = 4
"""Flow runs that the worker has going side by side; each is a process of about 100 MB."""
START_SECONDS = 180.0
STOP_SECONDS = 4.0
LOOK_EVERY_SECONDS = 0.1


class PlatformFailed(MahnlaufError):
    """It does not start, or a part of it ended by itself."""


class Platform:
    """All of it, from the start of a `with` to its end. A child that ends by itself ends the whole."""

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        sandbox: bool = True,
        prefect_file: Path = PREFECT_FILE,
        root: Path = ROOT,
        log_folder: Path | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        """`port`: None takes 4200 or the next free one. `sandbox`: with the agency's stand-in, for all flows.

        The flows of `prefect_file` are found from `root`. `say` is told what a person should know.
        """
        self.home = home.absolute()
        self.log_folder = (log_folder or home / "logs").absolute()
        self.api_url = ""
        self.ui_url = ""
        self.agency_url = ""
        self._wanted_port = port
        self._sandbox = sandbox
        self._prefect_file = prefect_file.absolute()
        self._root = root
        self._say = say
        self._environment: dict[str, str] = {}
        self._only_one = OnlyOne(self.home / "prefect" / "up.lock")
        self._children: list[Child] = []
        self._publication: Child | None = None

    def __enter__(self) -> Self:
        """Start everything: about 15 seconds, more on a busy machine. Raises PlatformFailed."""
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def wait(self) -> NoReturn:
        """Watch the parts for as long as they run. Raises PlatformFailed when one of them ends."""
        while True:
            self.look()
            time.sleep(LOOK_EVERY_SECONDS)

    def look(self) -> None:
        """Raise PlatformFailed, with its last lines, if one of the parts has ended."""
        for child in self._children:
            published = child is self._publication and child.exit_code == 0
            if child.exit_code is not None and not published:
                ended = f"The {child.name} ended by itself ({child.exit_code})"
                raise PlatformFailed(f"{ended}. It last said:\n{child.last_lines()}", f"All of it is in {child.log}.")

    def _start(self) -> None:
        if holder := self._only_one.take():
            raise PlatformFailed(
                f"Mahnlauf is already up in {self.home}: {holder}.",
                "Stop that one first with Ctrl-C; what a killed one left, with kill and its numbers.",
            )
        port = self._choose_port()
        self.ui_url = f"http://{LOOPBACK}:{port}"
        self.api_url = f"{self.ui_url}/api"
        self._environment = _environment(self.home, port)
        if self._sandbox:
            self._start_agency()
        self._start_child("server", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port))
        stamp = self.home / "prefect" / "deployed"
        self._publication = self._start_child("deployment", "deployments.publish", str(self._prefect_file), str(stamp))
        self._await_server()
        while self._publication.exit_code is None:
            self.look()
            time.sleep(LOOK_EVERY_SECONDS)
        self.look()
        pool = ("--pool", WORK_POOL, "--type", "process", "--name", "worker", "--limit", str(RUNS_AT_ONCE))
        self._start_child("worker", "prefect", "worker", "start", *pool)
        self._only_one.tell(f"{self.ui_url}, processes {' '.join(str(child.pid) for child in self._children)}")

    def _stop(self) -> None:
        with stop_signals_dropped():
            stop(self._children, STOP_SECONDS)
            self._children.clear()
            self._only_one.release()

    def _choose_port(self) -> int:
        if self._wanted_port is None:
            port = first_free_port(UI_PORT)
            if port != UI_PORT:
                self._say(f"Port {UI_PORT} is taken: the UI is on {port} (--port chooses another).")
            return port
        if not is_free(self._wanted_port):
            raise PlatformFailed(
                f"Port {self._wanted_port} is taken by another program.",
                "Choose another with --port, or leave it out for the next free one.",
            )
        return self._wanted_port

    def _start_agency(self) -> None:
        port = first_free_port(AGENCY_PORT)
        self._environment.setdefault("MAHNLAUF_AGENCY_KEY", SANDBOX_KEY)
        self._environment["MAHNLAUF_AGENCY_URL"] = self.agency_url = f"http://{LOOPBACK}:{port}"
        folder = self.home / "agency"
        self._start_child("agency", "deployments.sandbox.agency", "--port", str(port), "--folder", str(folder))

    def _start_child(self, name: str, module: str, *arguments: str) -> Child:
        with stop_signals_held():
            child = Child(
                name,
                [sys.executable, "-m", module, *arguments],
                log=self.log_folder / f"{name}.log",
                folder=self._root,
                environment=self._environment,
                keep_open=self._only_one.descriptors,
            )
            self._children.append(child)
        return child

    def _await_server(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(self.api_url):
            self.look()
            if time.monotonic() > deadline:
                raise PlatformFailed(
                    f"Prefect's server was not ready after {START_SECONDS:.0f} seconds.",
                    f"What it did is in {self.log_folder / 'server.log'}.",
                )
            time.sleep(LOOK_EVERY_SECONDS)
        told = httpx.get(f"{self.ui_url}/ui-settings", trust_env=False).json()["api_url"]
        if told != self.api_url:
            raise PlatformFailed(
                f"Prefect's UI would talk to {told} instead of {self.api_url}.",
                "Remove the UI's api_url from pyproject.toml, prefect.toml and .env.",
            )


def up(home: Path, *, port: int | None = None, sandbox: bool = True) -> int:
    """Run the platform until Ctrl-C or SIGTERM; the exit code: 0, or 1 if a part of it failed."""
    with stop_signals_raise():
        try:
            print("Starting Prefect's server, the deployments and a worker ...", flush=True)
            with Platform(home, port=port, sandbox=sandbox) as platform:
                print(f"Mahnlauf is up: {platform.ui_url}   (Ctrl-C stops it)", flush=True)
                print(f"Logs: {platform.log_folder}", flush=True)
                platform.wait()
        except KeyboardInterrupt:
            print("Stopped.")
            return 0
        except PlatformFailed as failure:
            print(failure, file=sys.stderr)
            return 1


def _environment(home: Path, port: int) -> dict[str, str]:
    """What the children see: the caller's environment, with our Prefect in place of any other."""
    api_url = f"http://{LOOPBACK}:{port}/api"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    unproxied = ",".join(filter(None, [inherited.get("NO_PROXY"), LOOPBACK, "localhost"]))
    return inherited | {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_UI_API_URL": api_url,
        "DO_NOT_TRACK": "1",
        "MAHNLAUF_HOME": str(home),
        "NO_PROXY": unproxied,
        "no_proxy": unproxied,
        "PYTHONUNBUFFERED": "1",
    }


def _is_ready(api_url: str) -> bool:
    try:
        return httpx.get(f"{api_url}/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False
