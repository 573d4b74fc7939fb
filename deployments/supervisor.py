"""Child processes of ours: each in its own process group, writing to its own log, none left behind."""

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

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
        """Start `command` in `folder`. `keep_open` are file descriptors that it inherits."""
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_starts_at = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output, _interruptible():
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
        """What it last wrote to its log since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._log_starts_at)
            lines = log.read().decode(errors="replace").rstrip().splitlines()
        return "\n".join(lines[-count:])

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
    """Within it, SIGTERM and a closed terminal end the program the way Ctrl-C does: by KeyboardInterrupt."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def no_interruption() -> Iterator[None]:
    """Within it an impatient second Ctrl-C does nothing, so that cleaning up comes to its end."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Start a child with SIGINT at its default even where ours is ignored (`nohup`, `&` in a script).

    An ignored signal is inherited and stays ignored; one with a handler is reset when the child's program
    starts. Prefect's worker ends itself by SIGINT and would otherwise never stop.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
