"""Child processes of ours: each in its own process group, writing to its own log, none left behind."""

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY_SECONDS = 0.05


class Child:
    """One running child with everything it starts in turn."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        folder: Path,
        environment: Mapping[str, str],
        keep_open: Sequence[int] = (),
    ) -> None:
        """Start `command` in `folder`, best within `stop_signals_held`; it inherits the descriptors `keep_open`."""
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_starts_at = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                pass_fds=keep_open,
                start_new_session=True,  # a terminal's Ctrl-C reaches us alone; we end the children
            )

    @property
    def pid(self) -> int:
        """Number of the process, and of its group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative is the number of the signal that ended it."""
        return self._process.poll()

    def last_lines(self, count: int = 12) -> str:
        """What it last wrote to its log since it was started; "(nothing)" if it wrote nothing."""
        with self.log.open("rb") as log:
            log.seek(self._log_starts_at)
            lines = log.read().decode(errors="replace").rstrip().splitlines()
        return "\n".join(lines[-count:]) or "(nothing)"

    def ask_to_stop(self) -> None:
        """Send SIGTERM to it and to all it started."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and all it started, at once."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def is_gone(self) -> bool:
        """Whether neither it nor anything it started in its group still runs."""
        self._process.poll()
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


class OnlyOne:
    """A file that one program holds at a time, and with it the children that inherit its descriptor.

    So it stays held while anything of a program lives that was itself killed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What children are to inherit."""
        return () if self._descriptor is None else (self._descriptor,)

    def take(self) -> str | None:
        """None if it is ours now; else what its holder told, at least "another"."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return self._path.read_text() or "another, still starting"
        self._descriptor = descriptor
        self.tell("")
        return None

    def tell(self, text: str) -> None:
        """Leave a word for whoever comes while it is held."""
        self._path.write_text(text)

    def release(self) -> None:
        """Let it go; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def stop(children: Sequence[Child], seconds: float) -> None:
    """End all of `children` and what they started; those that are not gone after `seconds` are killed."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + seconds
    while not all(child.is_gone() for child in children) and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_SECONDS)
    for child in children:
        child.kill()


@contextmanager
def stop_signals_raise() -> Iterator[None]:
    """Within it SIGTERM and a closed terminal end the program the way Ctrl-C does: by KeyboardInterrupt."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    with _handled_by(interrupt):
        yield


@contextmanager
def stop_signals_held() -> Iterator[None]:
    """Within it a signal to stop waits for the end, so that no child is started and then not known.

    A child started within hears SIGINT even where we ignore it (`nohup`, `&` in a script): an ignored signal is
    inherited, one with a handler is reset. Prefect's worker ends itself by SIGINT and would otherwise never stop.
    """
    arrived: list[int] = []
    with _handled_by(lambda number, frame: arrived.append(number)):
        yield
    for number in arrived[:1]:
        signal.raise_signal(number)


@contextmanager
def stop_signals_dropped() -> Iterator[None]:
    """Within it an impatient second Ctrl-C does nothing, so that cleaning up comes to its end."""
    with _handled_by(lambda number, frame: None):
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    before = [signal.signal(number, handler) for number in STOP_SIGNALS]
    try:
        yield
    finally:
        for number, former in zip(STOP_SIGNALS, before, strict=True):
            signal.signal(number, former)
