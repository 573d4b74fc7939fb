"""Children end when they are told to, with all they started, whatever they think of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deployments.supervisor import (
    Child,
    OnlyOne,
    stop,
    stop_signals_dropped,
    stop_signals_held,
    stop_signals_raise,
)

PATIENCE_SECONDS = 20.0
WAITING = "import time; print('ready'); time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(60)"


def starting(program: str) -> str:
    """A program that starts another and waits for it."""
    return f"import subprocess, sys; subprocess.run([sys.executable, '-u', '-c', {program!r}])"


def child(folder: Path, program: str, keep_open: tuple[int, ...] = ()) -> Child:
    return Child(
        "child",
        [sys.executable, "-u", "-c", program],
        log=folder / "logs" / "child.log",
        folder=folder,
        environment=dict(os.environ),
        keep_open=keep_open,
    )


def await_that(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("program", "grace_seconds"),
    [
        (WAITING, PATIENCE_SECONDS),
        (starting(WAITING), PATIENCE_SECONDS),
        (DEAF, 0.2),
        (starting(DEAF), 0.2),
    ],
    ids=["a child", "with a child of its own", "deaf to SIGTERM", "whose child is deaf"],
)
def test_nothing_is_left_of_a_stopped_child(tmp_path: Path, program: str, grace_seconds: float) -> None:
    one = child(tmp_path, program)
    await_that(lambda: one.last_lines() == "ready")
    stop([one], grace_seconds)
    assert one.exit_code is not None
    await_that(one.is_gone)


def test_an_ended_child_tells_its_exit_code_and_what_it_said_since_its_start(tmp_path: Path) -> None:
    before = child(tmp_path, "print('before')")
    await_that(lambda: before.exit_code == 0)
    now = child(tmp_path, "import sys; print('now'); sys.exit(3)")
    await_that(lambda: now.exit_code == 3)
    assert now.last_lines() == "now"


def test_a_child_hears_sigint_although_we_ignore_it(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stop_signals_held():
            one = child(tmp_path, WAITING)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    await_that(lambda: one.last_lines() == "ready")
    os.kill(one.pid, signal.SIGINT)
    await_that(lambda: one.exit_code is not None)
    assert "KeyboardInterrupt" in one.last_lines()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_signal_to_stop_ends_the_program_in_order(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), stop_signals_raise():
        signal.raise_signal(number)


def test_a_signal_that_is_held_comes_at_the_end() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), stop_signals_raise(), stop_signals_held():  # noqa: PT012
        signal.raise_signal(signal.SIGTERM)
        done.append("what was begun")
    assert done


def test_a_signal_that_is_dropped_does_not_come() -> None:
    with stop_signals_raise(), stop_signals_dropped():
        signal.raise_signal(signal.SIGTERM)


def test_only_one_holds_the_file_and_what_it_told_is_read(tmp_path: Path) -> None:
    first, second = OnlyOne(tmp_path / "new" / "lock"), OnlyOne(tmp_path / "new" / "lock")
    assert first.take() is None
    first.tell("here")
    assert second.take() == "here"
    first.release()
    assert second.take() is None
    second.release()


def test_the_file_stays_held_while_a_child_of_a_killed_holder_lives(tmp_path: Path) -> None:
    holder, next_one = OnlyOne(tmp_path / "lock"), OnlyOne(tmp_path / "lock")
    holder.take()
    orphan = child(tmp_path, WAITING, keep_open=holder.descriptors)
    holder.release()  # as the kernel does when the holder is killed
    assert next_one.take() is not None
    stop([orphan], PATIENCE_SECONDS)
    assert next_one.take() is None
    next_one.release()


def test_a_whole_program_stops_its_children_on_sigterm(tmp_path: Path) -> None:
    script = f"""
import os, sys, time
from pathlib import Path
from deployments.supervisor import Child, stop, stop_signals_raise
with stop_signals_raise():
    try:
        one = Child("child", [sys.executable, "-u", "-c", {WAITING!r}], log=Path("log"), folder=Path("."),
                    environment=dict(os.environ))
        print(one.pid, flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        stop([one], 10)
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        pid = int(program.stdout.readline())
        program.send_signal(signal.SIGTERM)
        assert program.wait(PATIENCE_SECONDS) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
