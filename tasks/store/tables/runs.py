"""What was decided and done outside: runs, decisions, effects, attempts, hand-overs and a person's approvals."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from dunning.default import Channel
from dunning.effects import EffectKind, EffectStatus
from tasks.store.tables.columns import cents, instant, json_list, json_object, one_of


class DunningRunRow(SQLModel, table=True):
    """One business day's run; starting it again on the same day goes on with it."""

    __tablename__ = "dunning_run"

    id: int | None = Field(default=None, primary_key=True)
    business_date: date = Field(unique=True)
    started_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)
    policy_version: str
    passes: int = 0
    """How often it was started on its day."""
    looked_at: int = 0
    answers: dict[str, int] = json_object()
    """Claims per answer in the last pass; they add up to `looked_at`."""
    notices: int = 0
    hand_overs: int = 0
    cents: int = cents(default=0)
    """What the notices decided on this day demand."""
    held_because: list[str] = json_list()
    """Why the circuit breaker stopped it; empty: it did not."""
    list_sha256: str = ""
    """The list that a person must approve, or has approved."""
    approved_by: str = ""
    approval_reason: str = ""


class DecisionRow(SQLModel, table=True):
    """What was answered for a claim and why; a row only where the answer changed or something was done."""

    __tablename__ = "decision"

    id: int | None = Field(default=None, primary_key=True)
    run_id: int | None = Field(default=None, foreign_key="dunning_run.id", index=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    decided_on: date
    answer: str
    level: int = 0
    reasons: list[str] = json_list()
    until_on: date | None = None
    claim_version: int
    policy_version: str
    decided_at: datetime = instant()


class EffectRow(SQLModel, table=True):
    """The outbox: one row for each thing to be done outside, recorded before it is tried, with its frozen payload."""

    __tablename__ = "effect"
    __table_args__ = (
        one_of("kind", EffectKind),
        one_of("status", EffectStatus),
        one_of("channel", Channel),
        UniqueConstraint("kind", "claim_id", "level", "occurrence"),
        CheckConstraint("status NOT IN ('claimed', 'sending') OR worker <> ''", name="lease"),
        CheckConstraint(f"(came_back_on IS NOT NULL) = (status = '{EffectStatus.CAME_BACK}')", name="came_back"),
        Index(None, "status", "not_before"),
    )

    id: str = Field(primary_key=True)
    kind: str
    claim_id: int = Field(foreign_key="claim.id", index=True)
    level: int = 0
    occurrence: int = 0
    status: str = EffectStatus.READY
    payload: str = Field(sa_type=Text)
    payload_sha256: str
    amount_cents: int = cents(default=0)
    """The claim's balance that the payload speaks of."""
    claim_version: int
    """The claim's version that the payload speaks of; another one cancels the effect at the last look."""
    fee_cents: int = cents(default=0)
    """The fee that is booked when, and only when, the notice is sent."""
    lump_sum_cents: int = cents(default=0)
    """The part of the lump sum (§ 288 (5) BGB) that is booked with it."""
    interest_cents: int = cents(default=0)
    """The default interest that the notice demands; computed for its day, never booked."""
    cost: dict[str, Any] = json_object()
    """What the letter costs: provider, postage_cents, print_cents; empty for an e-mail."""
    channel: str = Channel.EMAIL
    business_date: date
    pay_until: date | None = None
    template: str = ""
    """Which letter a notice is."""
    came_back_on: date | None = None
    """When a notice came back undelivered; its effects were taken back then."""
    run_id: int | None = Field(default=None, foreign_key="dunning_run.id", index=True)
    hand_over_id: int | None = Field(default=None, foreign_key="hand_over.id")
    decided_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
    worker: str = ""
    lease_until: datetime | None = instant(nullable=True)
    not_before: datetime | None = instant(nullable=True)
    attempts: int = 0
    attempted_at: datetime | None = instant(nullable=True)
    """When it was last tried with an open outcome; NULL where the last try certainly did nothing."""
    provider_id: str = ""
    evidence: str = ""
    """How we know that it was sent or not: `answer`, `look-up`, a person's name."""
    last_error: str = ""


class AttemptRow(SQLModel, table=True):
    """Append-only: `started` before each try, its outcome after it. A `started` alone is a crash."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("effect_id", "n", "outcome"),)

    id: int | None = Field(default=None, primary_key=True)
    effect_id: str = Field(foreign_key="effect.id", index=True)
    n: int
    at: datetime = instant()
    worker: str
    outcome: str
    reason: str = ""
    http_status: int | None = None


class ApprovalRow(SQLModel, table=True):
    """A list that a person approves or rejects: exactly this list, until it lapses."""

    __tablename__ = "approval"
    __table_args__ = (
        one_of("status", ("waiting", "approved", "rejected", "lapsed")),
        CheckConstraint("status NOT IN ('approved', 'rejected') OR person <> ''", name="person"),
    )

    id: int | None = Field(default=None, primary_key=True)
    list_sha256: str = Field(index=True)
    proposed_on: date
    proposed_at: datetime = instant()
    expires_on: date
    """Last day on which it can be approved."""
    status: str = "waiting"
    person: str = ""
    reason: str = ""
    exceptions: list[str] = json_list()
    """Invoice numbers that the person took out of the list."""
    decided_at: datetime | None = instant(nullable=True)
    flow_run_id: str = ""
    """The Prefect run that waits for the answer."""


class HandOverRow(SQLModel, table=True):
    """A claim's way to the agency."""

    __tablename__ = "hand_over"
    __table_args__ = (
        one_of("status", ("proposed", "approved", "rejected", "lapsed", "transferred", "refused")),
        Index(
            "uq_hand_over_live",
            "claim_id",
            unique=True,
            sqlite_where=text("status IN ('proposed', 'approved', 'transferred')"),
            postgresql_where=text("status IN ('proposed', 'approved', 'transferred')"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    claim_id: int = Field(foreign_key="claim.id", index=True)
    approval_id: int | None = Field(default=None, foreign_key="approval.id", index=True)
    status: str = "proposed"
    agency: str = ""
    proposed_on: date
    claim_version: int
    open_cents: int = cents()
    """The balance at the proposal; after the transfer what the agency was told."""
    dossier: str = Field(default="", sa_type=Text)
    dossier_sha256: str = ""
    case_number: str = ""
    """The agency's number (Aktenzeichen)."""
    last_error: str = ""
    updated_at: datetime = instant()
