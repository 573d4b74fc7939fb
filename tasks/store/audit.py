"""The audit: append-only, and each row holds the hash of the one before, so that a change in the past shows.

`subject` and `reason` carry numbers and codes and what staff typed; never a debtor's name or address.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from tasks.store.tables import AuditRow

GENESIS = "0" * 64
CHAIN_LOCK = 0x6D61686E
"""Advisory lock under which PostgreSQL's writers append one after the other; SQLite has one writer anyway."""

_TO_WRITE = "audit entries to write"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    actor: str
    subject: str
    event: str
    from_state: str = ""
    to_state: str = ""
    reason: str = ""
    effect_id: str = ""


def append(session: Session, entries: Sequence[Entry], at: datetime) -> None:
    """Append entries in the caller's transaction, at its end: see `write`."""
    session.info.setdefault(_TO_WRITE, []).extend((at, entry) for entry in entries)


def write(session: Session) -> None:
    """Write what was appended, as the last thing before the commit.

    The chain has one end, so writers go one after the other from here on. Taken last, its lock is held for a moment,
    and whoever holds it waits for nobody: a large import keeps no message from being marked.
    """
    entries: list[tuple[datetime, Entry]] = session.info.pop(_TO_WRITE, [])
    if not entries:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})"))
    newest = session.exec(select(AuditRow.seq, AuditRow.sha256).order_by(col(AuditRow.seq).desc()).limit(1)).first()
    seq, previous = newest or (0, GENESIS)
    rows = []
    for seq_now, (at, entry) in enumerate(entries, start=seq + 1):
        sha256 = _link(previous, seq_now, at, entry)
        rows.append(
            {"seq": seq_now, "at": at, "previous_sha256": previous, "sha256": sha256}
            | dict(zip(Entry.__dataclass_fields__, astuple(entry), strict=True))
        )
        previous = sha256
    session.connection().execute(insert(AuditRow), rows)


def verify(session: Session) -> str | None:
    """None where the chain holds, else one line that names the first broken row."""
    previous, expected = GENESIS, 1
    for row in session.exec(select(AuditRow).order_by(col(AuditRow.seq))).yield_per(1_000):
        entry = Entry(row.actor, row.subject, row.event, row.from_state, row.to_state, row.reason, row.effect_id)
        if row.seq != expected:
            return f"audit row {expected} is missing"
        if row.previous_sha256 != previous or row.sha256 != _link(previous, row.seq, row.at, entry):
            return f"audit row {row.seq} was changed"
        previous, expected = row.sha256, expected + 1
    return None


def _link(previous: str, seq: int, at: datetime, entry: Entry) -> str:
    content = json.dumps([previous, seq, at.isoformat(), *astuple(entry)], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
