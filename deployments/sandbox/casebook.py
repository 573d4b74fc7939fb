"""The sandbox agency's cases, payments and given answers in one SQLite file that survives a crash.

Every change is on disk before it is answered, and a change and its answer are one transaction: a repeated key
gets the first answer even where the first connection broke before it arrived.
"""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.outbox.agency_case import json_number

FIRST_CASE_NUMBER = 70_000_000_001
"""Eleven digits, as the real agency's numbers."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS collection_case (
    number INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, amount_cents INTEGER NOT NULL,
    body TEXT NOT NULL, opened_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE IF NOT EXISTS payment (
    number INTEGER PRIMARY KEY, case_number INTEGER NOT NULL REFERENCES collection_case,
    amount_cents INTEGER NOT NULL, value_on TEXT NOT NULL,
    reported_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE IF NOT EXISTS answer (
    idempotency_key TEXT PRIMARY KEY, request_sha256 TEXT NOT NULL, body TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Repeated:
    """This key was answered before, to the same request."""

    answer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeyReused:
    """This key was answered before, to another request."""


@dataclass(frozen=True, slots=True)
class ReferenceTaken:
    """A case under this reference was opened with another key."""

    case_number: str


class Casebook:
    """The open file. One process, one thread at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(folder / "agency.sqlite", isolation_level=None, check_same_thread=False)
        self._file.row_factory = sqlite3.Row
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.execute("PRAGMA foreign_keys = ON")
        self._file.executescript(_SCHEMA)

    def close(self) -> None:
        self._file.close()

    def answered(self, key: str, request_sha256: str) -> Repeated | KeyReused | None:
        """What was answered to this key before; None where nothing was."""
        row = self._one("SELECT request_sha256, body FROM answer WHERE idempotency_key = ?", key)
        if row is None:
            return None
        return Repeated(json.loads(row["body"])) if row["request_sha256"] == request_sha256 else KeyReused()

    def open_case(
        self, key: str, request_sha256: str, *, reference: str, amount_cents: int, body: str
    ) -> dict[str, Any] | ReferenceTaken:
        """Open a case and remember the answer, in one transaction."""
        with _Transaction(self._file):
            if taken := self._one("SELECT number FROM collection_case WHERE reference = ?", reference):
                return ReferenceTaken(str(taken["number"]))
            highest = self._one("SELECT max(number) AS number FROM collection_case")
            number = (highest["number"] + 1) if highest and highest["number"] else FIRST_CASE_NUMBER
            self._file.execute(
                "INSERT INTO collection_case (number, reference, amount_cents, body) VALUES (?, ?, ?, ?)",
                (number, reference, amount_cents, body),
            )
            return self._remember(key, request_sha256, {"Az": str(number), "ClientCustomerRefNo": reference})

    def book_payment(
        self, key: str, request_sha256: str, *, case_number: str, amount_cents: int, value_on: str
    ) -> dict[str, Any]:
        """Book a payment on a case that exists and remember the answer, in one transaction."""
        with _Transaction(self._file):
            cursor = self._file.execute(
                "INSERT INTO payment (case_number, amount_cents, value_on) VALUES (?, ?, ?)",
                (int(case_number), amount_cents, value_on),
            )
            return self._remember(key, request_sha256, {"PaymentNo": cursor.lastrowid, "Az": case_number})

    def by_reference(self, reference: str) -> list[dict[str, Any]]:
        """The case of a reference, as a list of one or none."""
        row = self._one("SELECT * FROM collection_case WHERE reference = ?", reference)
        return [self._described(row)] if row else []

    def by_number(self, case_number: str) -> dict[str, Any] | None:
        """The case of a number of ours."""
        if not (case_number.isascii() and case_number.isdigit() and len(case_number) == 11):
            return None
        row = self._one("SELECT * FROM collection_case WHERE number = ?", int(case_number))
        return self._described(row) if row else None

    def _described(self, case: sqlite3.Row) -> dict[str, Any]:
        paid = self._one(
            "SELECT coalesce(sum(amount_cents), 0) AS c FROM payment WHERE case_number = ?", case["number"]
        )
        assert paid is not None
        return {
            "Az": str(case["number"]),
            "ClientCustomerRefNo": case["reference"],
            "Status": "paid" if paid["c"] >= case["amount_cents"] else "accepted",
            "Amount": json_number(case["amount_cents"]),
            "Paid": json_number(paid["c"]),
        }

    def _remember(self, key: str, request_sha256: str, answer: dict[str, Any]) -> dict[str, Any]:
        self._file.execute("INSERT INTO answer VALUES (?, ?, ?)", (key, request_sha256, json.dumps(answer)))
        return answer

    def _one(self, query: str, *values: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._file.execute(query, values).fetchone()
        return row


class _Transaction:
    """BEGIN IMMEDIATE to COMMIT; ROLLBACK where anything is raised."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file

    def __enter__(self) -> None:
        self._file.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._file.execute("ROLLBACK" if kind else "COMMIT")
