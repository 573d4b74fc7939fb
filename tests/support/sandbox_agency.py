"""The shipped sandbox agency as a process of its own, to be spoken to, killed and started again."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

REPOSITORY = Path(__file__).parents[2]


class SandboxAgency:
    """Runs on a free port of loopback with its memory in `folder`, under `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self) -> None:
        """Start it and read the address that it prints."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deployments.sandbox.agency", "--folder", str(self._folder), "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env={name: value for name, value in os.environ.items() if not name.startswith("MAHNLAUF_")},
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:")

    def interrupt(self) -> None:
        """End it in the middle of whatever it does (SIGKILL); the `with` block goes on."""
        self._process.send_signal(signal.SIGKILL)

    def kill(self) -> None:
        """End it (SIGKILL) and wait until it is gone."""
        self.interrupt()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
