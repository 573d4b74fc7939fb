"""What came in and what was done: files, statements, payments that await a person, base rates, and the audit."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from dunning.base_rates import HIGHEST_BPS, LOWEST_BPS
from tasks.store.tables.columns import cents, instant, json_list, one_of


class ImportFileRow(SQLModel, table=True):
    """A file that was offered: taken in, parked for a person, or refused. Its content counts once."""

    __tablename__ = "import_file"
    __table_args__ = (one_of("status", ("taken", "parked", "refused")),)

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)
    name: str
    kind: str = ""
    status: str
    reason: str = ""
    what: str = ""
    customers: int = 0
    invoices: int = 0
    credit_notes: int = 0
    payments: int = 0
    proposals: int = 0
    known: int = 0
    """Entries that an earlier file had brought already."""
    rejected: list[dict[str, Any]] = json_list()
    """Rows that were parked: row, reason, what."""
    at: datetime = instant()


class BankStatementRow(SQLModel, table=True):
    """A statement of account that came in: tells how fresh the bank data are."""

    __tablename__ = "bank_statement"

    id: int | None = Field(default=None, primary_key=True)
    import_file_id: int = Field(foreign_key="import_file.id", index=True)
    account: str
    own: bool
    """Whether it is the creditor's own account; others never book and never count as fresh."""
    currency: str
    opening_cents: int | None = cents(default=None, nullable=True)
    closing_cents: int | None = cents(default=None, nullable=True)
    from_on: date | None = None
    until_on: date | None = Field(default=None, index=True)
    entries: int = 0


class PaymentProposalRow(SQLModel, table=True):
    """A bank entry that could not be booked for certain, with candidates and why; a person books or dismisses it."""

    __tablename__ = "payment_proposal"
    __table_args__ = (one_of("status", ("open", "booked", "dismissed")),)

    id: int | None = Field(default=None, primary_key=True)
    fingerprint: str = Field(unique=True)
    import_file_id: int = Field(foreign_key="import_file.id", index=True)
    account: str
    booked_on: date
    value_on: date
    cents: int = cents()
    currency: str
    reference: str = ""
    structured_reference: str = ""
    end_to_end_id: str = ""
    counterparty: str = ""
    counterparty_iban: str = ""
    return_reason: str = ""
    reason: str
    candidates: list[dict[str, Any]] = json_list()
    status: str = "open"
    decided_by: str = ""
    decided_at: datetime | None = instant(nullable=True)


class BaseRateRow(SQLModel, table=True):
    """Append-only: a base rate that a person confirmed, for a half-year that the built-in table does not know."""

    __tablename__ = "base_rate"
    __table_args__ = (
        CheckConstraint("substr(CAST(from_on AS VARCHAR), 6) IN ('01-01', '07-01')", name="half_year"),
        CheckConstraint(f"bps BETWEEN {LOWEST_BPS} AND {HIGHEST_BPS}", name="bps"),
        CheckConstraint("source <> ''", name="source"),
        CheckConstraint("person <> ''", name="person"),
    )

    id: int | None = Field(default=None, primary_key=True)
    from_on: date = Field(unique=True)
    bps: int
    """Signed basis points a year."""
    source: str
    person: str
    at: datetime = instant()


class AuditRow(SQLModel, table=True):
    """Append-only and hash-chained: who moved what from where to where, and why."""

    __tablename__ = "audit"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = instant()
    actor: str
    subject: str = Field(index=True)
    """`claim RE-2026-1042`, `run 2026-11-23`, `list 4`, ..."""
    event: str
    from_state: str = ""
    to_state: str = ""
    reason: str = ""
    effect_id: str = ""
    previous_sha256: str
    sha256: str = Field(unique=True)
