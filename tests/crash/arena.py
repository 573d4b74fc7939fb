"""The arena: a shop's database, the other side, workers that are killed and started again, and what they left."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from dunning.effects import EffectStatus
from tasks.ladder import runs
from tasks.store.engine import Store
from tasks.store.tables import EffectRow
from tests.crash.clock import RunningClock
from tests.crash.points import End
from tests.crash.servers import serve_agency, serve_relay, serve_sendgrid
from tests.crash.worker import OF_AGENCY, Job, names_begin, work
from tests.support.faulty_server import read_journal
from tests.support.world import know_payments, move_to, world_over

FORKS = multiprocessing.get_context("forkserver")
"""Workers are forked from a process that has read all modules and done nothing else."""
FORKS.set_forkserver_preload(["__main__", "tests.crash.warm"])

PATIENCE_SECONDS = 60.0
STUCK = 124
LATEST_KILL_SECONDS = 0.04
Worker = BaseProcess


@dataclass
class Arena:
    """One test's shop and its workers, under `with`. `job` is what the next workers are told."""

    database_url: str
    folder: Path
    day: date
    duty: str = "dun"
    seed: int | None = None
    """Makes the other side fail by chance."""
    left_by_kills: list[list[str]] = field(default_factory=list)
    """Of each random kill the messages that its worker had marked as being sent."""

    def __enter__(self) -> "Arena":
        self._processes: list[Worker] = []
        self.journal = self.folder / "journal.jsonl"
        self.store = Store(self.database_url)
        self.world = world_over(self.store, self.folder)
        self.job = Job(self.duty, self.database_url, self.folder, self.day, RunningClock.on(self.day), "", self.journal)
        self.begin(self.day)
        self._tell(url=self._other_side())
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.join()
            process.close()
        self.store.close()

    def begin(self, day: date, **told: Any) -> None:
        """A business day begins: the bank's statement is there, the run is open, every old lease has ended."""
        move_to(self.world, day)
        know_payments(self.world, day)
        runs.open_run(self.world, day)
        self._tell(day=day, clock=RunningClock.on(day), **told)

    def pause(self) -> None:
        """Nobody is at work for three minutes; leases end."""
        self._tell(clock=self.job.clock.later(timedelta(minutes=3)))

    def start(self, **told: Any) -> Worker:
        """Start a worker."""
        worker = FORKS.Process(target=work, args=(replace(self.job, **told),), daemon=True)
        worker.start()
        self._processes.append(worker)
        return worker

    def work(self, **told: Any) -> None:
        """Let one worker come to its end undisturbed."""
        self.finish(self.start(**told))

    def finish(self, *workers: Worker) -> None:
        """Wait until these workers have done all there was to do."""
        assert not any(codes := self.codes(*workers)), f"workers ended with {codes}"

    def codes(self, *workers: Worker) -> list[int]:
        """Exit codes of these workers, once they have ended by themselves; `STUCK` where one has not."""
        for worker in workers:
            worker.join(PATIENCE_SECONDS)
        return [worker.exitcode if worker.exitcode is not None else STUCK for worker in workers]

    def die_at(self, point: str, nth: int = 1, **told: Any) -> None:
        """Start a worker that is killed exactly there, and nowhere else."""
        worker = self.start(end=End(point, nth), **told)
        worker.join(PATIENCE_SECONDS)
        assert worker.exitcode == -signal.SIGKILL, f"{point} was not reached: {worker.exitcode}"

    def wait_until_frozen(self, worker: Worker) -> None:
        """Wait until a worker has stopped itself (SIGSTOP)."""
        self.wait(lambda: _state_of(worker) in "Tt", "nobody froze")

    def wake(self, worker: Worker) -> None:
        """Let a frozen worker go on."""
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGCONT)

    def kill_at_random(self, kills: int, workers: int, seed: int, **told: Any) -> list[Worker]:
        """Kill workers while they send, a moment later, and start others; returns those that are left."""
        chance = random.Random(seed)
        crew = [self.start(**told) for _ in range(workers)]
        for _ in range(kills):
            victim = crew.pop(chance.randrange(workers))
            self.wait_until_sending(victim)
            time.sleep(chance.uniform(0, LATEST_KILL_SECONDS))
            assert victim.is_alive(), "too few messages for so many kills"
            victim.kill()
            victim.join()
            self.left_by_kills.append(self.messages_of(victim))
            crew.append(self.start(**told))
        return crew

    def wait_until_sending(self, worker: Worker) -> None:
        """Wait until the other side has a message of this worker that it has not answered."""

        def in_flight() -> bool:
            assert worker.is_alive(), "too few messages for so many kills"
            mine = self.messages_of(worker)
            return bool(mine) and not self.unanswered().isdisjoint(mine)

        self.wait(in_flight, "nobody sends")

    def unanswered(self) -> set[str]:
        """The effects whose requests the other side has and is not done with."""
        last = {line["name"]: line["event"] for line in read_journal(self.journal)}
        return {name for name, happened in last.items() if happened not in ("answered", "unanswered")}

    def messages_of(self, worker: Worker) -> list[str]:
        """The effects that this worker has marked as being sent."""
        with self.store.read() as session:
            query = select(EffectRow.id).where(
                EffectRow.status == EffectStatus.SENDING, col(EffectRow.worker).startswith(names_begin(worker.pid))
            )
            return list(session.exec(query))

    def wait(self, happened: Callable[[], bool], otherwise: str) -> None:
        """Wait until something has happened; AssertionError where it does not."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            assert time.monotonic() < until, otherwise
            time.sleep(0.002)

    @property
    def hits(self) -> int:
        """How many random kills hit a message in flight: the other side had it, and could not answer any more."""
        lines = read_journal(self.journal)
        failed = {line["request"] for line in lines if line.get("fault", "ok") != "ok"}
        cut_off = {line["name"] for line in lines if line["event"] == "unanswered" and line["request"] not in failed}
        return sum(not cut_off.isdisjoint(left) for left in self.left_by_kills)

    def _tell(self, **told: Any) -> None:
        self.job = replace(self.job, **told)

    def _other_side(self) -> str:
        if self.duty not in OF_AGENCY:
            return self._serve(serve_sendgrid, self.journal, self.seed)
        self.casebook = self.folder / "agency" / "agency.sqlite"
        upstream = self._serve(serve_agency, self.casebook.parent)
        return self._serve(serve_relay, self.journal, upstream)

    def _serve(self, server: Callable[..., None], *told: Any) -> str:
        ours, theirs = FORKS.Pipe()
        process = FORKS.Process(target=server, args=(theirs, *told), daemon=True)
        process.start()
        self._processes.append(process)
        return str(ours.recv())


def _state_of(worker: Worker) -> str:
    """The kernel's letter for what a process does: `T` is stopped."""
    return Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0]
