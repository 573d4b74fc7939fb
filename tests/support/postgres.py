"""A PostgreSQL server of the tests' own: private, on a unix socket, gone afterwards.

PostgreSQL refuses to run as root, so as root its processes run as the system's user `postgres`. Nothing is
made safe on disk (`fsync=off`): a database lives as long as the tests and no longer.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

OWNER = "postgres"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
CARELESS_BUT_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=60",
    "shared_buffers=64MB",
    "listen_addresses=",  # the socket only
)


class PostgresMissingError(Exception):
    """This machine has no PostgreSQL that the tests could start; the message says what is missing."""


def server_programs() -> Path:
    """Folder that holds `initdb` and `postgres`, of several the newest. Raises PostgresMissingError."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major_version, reverse=True)
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(answer.stdout.strip()))
    if initdb := shutil.which("initdb"):
        candidates.append(Path(initdb).resolve().parent)
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise PostgresMissingError("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")


class Cluster:
    """One running server; each database in it is made by `new_database`."""

    def __init__(self) -> None:
        """Make and start it: two seconds. Raises PostgresMissingError."""
        self._programs = server_programs()
        self._user, self._group = _unprivileged()
        # A socket's path may have 107 signs at most: /tmp itself, not the tests' own long folder.
        self._folder = Path(tempfile.mkdtemp(prefix="mahnlauf-pg-", dir="/tmp"))
        self._server: subprocess.Popen[bytes] | None = None
        try:
            self._create()
            self._start()
        except BaseException:
            self.stop()
            raise

    def new_database(self, template: str | None = None) -> str:
        """URL of a new database: empty, or a copy of the one whose URL is `template`.

        Nobody may be connected to the template meanwhile: dispose of its engine first.
        """
        name = f"m{uuid4().hex}"
        original = make_url(template).database if template else "template0"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
        return f"postgresql+psycopg://{OWNER}@/{name}?host={self._folder}"

    def drop_database(self, url: str) -> None:
        """Remove a database made by `new_database`; whoever is still connected is cut off."""
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server and delete its files; a second call does nothing."""
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            try:
                self._server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _create(self) -> None:
        if self._user is not None and self._group is not None:
            os.chown(self._folder, self._user, self._group)
        made = subprocess.run(
            [
                *(self._programs / "initdb", "--pgdata", self._folder / "data", "--username", OWNER),
                *("--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            user=self._user,
            group=self._group,
        )
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stderr.strip()}")

    def _start(self) -> None:
        options = [part for setting in CARELESS_BUT_FAST for part in ("-c", setting)]
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                user=self._user,
                group=self._group,
                start_new_session=True,  # Ctrl-C ends the tests, and the tests end the server
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {self._log.read_text()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self._folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    @property
    def _log(self) -> Path:
        return self._folder / "log"


def _major_version(programs: Path) -> int:
    name = programs.parent.name
    return int(name) if name.isdecimal() else 0


def _unprivileged() -> tuple[int | None, int | None]:
    """User and group the server runs as; None is who runs the tests. Raises PostgresMissingError."""
    if os.geteuid() != 0:
        return None, None
    try:
        entry = pwd.getpwnam(OWNER)
    except KeyError as error:
        raise PostgresMissingError(f"PostgreSQL may not run as root, and there is no user {OWNER}") from error
    return entry.pw_uid, entry.pw_gid
