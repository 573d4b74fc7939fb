"""The database refuses by itself what our rules never write: wrong words, signs, doubles, orphans."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, SQLModel

from tasks.store.engine import Store
from tasks.store.tables import (
    APPEND_ONLY,
    ApprovalRow,
    AttemptRow,
    AuditRow,
    BaseRateRow,
    ClaimRow,
    CostRow,
    CustomerRow,
    DunningRunRow,
    EffectRow,
    EvidenceRow,
    HandOverRow,
    HoldRow,
    ImportFileRow,
    InvoiceRow,
    LedgerEntryRow,
    PaymentProposalRow,
)

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
ON = date(2026, 3, 2)

ROWS: dict[type[SQLModel], dict[str, Any]] = {
    CustomerRow: {"id": 1, "number": "K-1", "kind": "consumer"},
    InvoiceRow: {
        "id": 1, "number": "RE-1", "customer_id": 1, "issued_on": ON, "due_on": ON, "due_basis": "document",
        "gross_cents": 10_000, "content_sha256": "a",
    },
    ClaimRow: {"id": 1, "number": "RE-1", "invoice_id": 1, "customer_id": 1},
    LedgerEntryRow: {
        "id": 1, "claim_id": 1, "kind": "invoice", "value_on": ON, "cents": 10_000, "fingerprint": "a", "booked_at": AT,
    },
    HoldRow: {"id": 1, "claim_id": 1, "kind": "dispute", "from_on": ON, "placed_at": AT},
    ImportFileRow: {"id": 1, "sha256": "a", "name": "a.csv", "status": "taken", "at": AT},
    PaymentProposalRow: {
        "id": 1, "fingerprint": "a", "import_file_id": 1, "account": "a", "booked_on": ON, "value_on": ON,
        "cents": 1, "currency": "EUR", "reason": "no_reference_found",
    },
    DunningRunRow: {"id": 1, "business_date": ON, "started_at": AT, "policy_version": "a"},
    ApprovalRow: {"id": 1, "list_sha256": "a", "proposed_on": ON, "proposed_at": AT, "expires_on": ON},
    HandOverRow: {
        "id": 1, "claim_id": 1, "proposed_on": ON, "claim_version": 1, "open_cents": 1, "updated_at": AT,
    },
    EffectRow: {
        "id": "e-1", "kind": "notice_mail", "claim_id": 1, "level": 1, "payload": "{}", "payload_sha256": "a",
        "claim_version": 1, "business_date": ON, "decided_at": AT,
    },
    AttemptRow: {"id": 1, "effect_id": "e-1", "n": 1, "at": AT, "worker": "w", "outcome": "started"},
    AuditRow: {
        "seq": 1, "at": AT, "actor": "a", "subject": "claim RE-1", "event": "e", "previous_sha256": "0", "sha256": "a",
    },
    BaseRateRow: {"id": 1, "from_on": date(2027, 1, 1), "bps": 127, "source": "a", "person": "Maren", "at": AT},
    CostRow: {
        "id": 1, "claim_id": 1, "effect_id": "e-1", "provider": "Brief AG", "postage_cents": 95, "print_cents": 25,
    },
    EvidenceRow: {
        "id": 1, "claim_id": 1, "kind": "refusal", "happened_on": ON, "person": "Maren", "reason": "by phone", "at": AT,
    },
}  # fmt: skip
"""One sound row of each table, in an order that foreign keys allow."""

OTHER: dict[type[SQLModel], dict[str, Any]] = {
    CustomerRow: {"id": 2, "number": "K-2"},
    InvoiceRow: {"id": 2, "number": "RE-2"},
    ClaimRow: {"id": 2, "number": "RE-2", "invoice_id": 2},
    LedgerEntryRow: {"id": 2, "fingerprint": "b"},
    HoldRow: {"id": 2},
    ImportFileRow: {"id": 2, "sha256": "b"},
    PaymentProposalRow: {"id": 2, "fingerprint": "b"},
    DunningRunRow: {"id": 2, "business_date": date(2026, 3, 3)},
    ApprovalRow: {"id": 2},
    HandOverRow: {"id": 2, "status": "lapsed"},
    EffectRow: {"id": "e-2", "occurrence": 1},
    AttemptRow: {"id": 2, "n": 2},
    AuditRow: {"seq": 2, "sha256": "b"},
    BaseRateRow: {"id": 2, "from_on": date(2027, 7, 1)},
    CostRow: {"id": 2, "effect_id": "e-2"},
    EvidenceRow: {"id": 2},
}
"""What makes a second sound row of each table."""

AGAIN: dict[type[SQLModel], dict[str, Any]] = {EffectRow: {"id": "e-3", "occurrence": 2}}
"""What makes a third one, where the second is there from the start."""

REFUSED: list[tuple[type[SQLModel], dict[str, Any]]] = [
    (CustomerRow, {"number": "K-1"}),
    (CustomerRow, {"kind": "friend"}),
    (InvoiceRow, {"number": "RE-1"}),
    (InvoiceRow, {"customer_id": 99}),
    (InvoiceRow, {"due_basis": "guess"}),
    (InvoiceRow, {"kind": "offer"}),
    (InvoiceRow, {"due_agreed": "perhaps"}),
    (InvoiceRow, {"due_on": None}),
    (ClaimRow, {"number": "RE-1"}),
    (ClaimRow, {"invoice_id": 1}),
    (ClaimRow, {"invoice_id": 99}),
    (ClaimRow, {"state": "forgotten"}),
    (ClaimRow, {"level": -1}),
    (ClaimRow, {"version": 0}),
    (ClaimRow, {"level": 1}),
    (ClaimRow, {"last_sent_on": ON}),
    (ClaimRow, {"state": "settled", "dunnable_from": ON}),
    (ClaimRow, {"default_from": ON}),
    (ClaimRow, {"default_route": "notice"}),
    (ClaimRow, {"default_from": ON, "default_route": "guess"}),
    (ClaimRow, {"interest_from": ON}),
    (LedgerEntryRow, {"fingerprint": "a"}),
    (LedgerEntryRow, {"claim_id": 99}),
    (LedgerEntryRow, {"kind": "tip"}),
    (LedgerEntryRow, {"cents": 0}),
    (LedgerEntryRow, {"kind": "payment"}),
    (LedgerEntryRow, {"kind": "credit_note"}),
    (LedgerEntryRow, {"kind": "write_off"}),
    (LedgerEntryRow, {"kind": "payment", "cents": 0}),
    (LedgerEntryRow, {"kind": "invoice", "cents": -1}),
    (LedgerEntryRow, {"kind": "returned_payment", "cents": -1}),
    (LedgerEntryRow, {"kind": "fee", "cents": -1}),
    (LedgerEntryRow, {"kind": "fee"}),
    (LedgerEntryRow, {"kind": "fee", "cost_id": 99}),
    (LedgerEntryRow, {"kind": "interest"}),
    (LedgerEntryRow, {"kind": "lump_sum", "cents": 0}),
    (LedgerEntryRow, {"kind": "bank_fee", "cents": -1}),
    (LedgerEntryRow, {"kind": "waiver"}),
    (LedgerEntryRow, {"designation": "tip"}),
    (HoldRow, {"kind": "mood"}),
    (HoldRow, {"customer_id": 1}),
    (HoldRow, {"claim_id": None}),
    (HoldRow, {"until_on": date(2026, 3, 1)}),
    (HoldRow, {"released_by": "Maren"}),
    (HoldRow, {"released_at": AT}),
    (ImportFileRow, {"sha256": "a"}),
    (ImportFileRow, {"status": ""}),
    (PaymentProposalRow, {"fingerprint": "a"}),
    (PaymentProposalRow, {"status": "lost"}),
    (PaymentProposalRow, {"import_file_id": 99}),
    (DunningRunRow, {"business_date": ON}),
    (ApprovalRow, {"status": "maybe"}),
    (ApprovalRow, {"status": "approved"}),
    (ApprovalRow, {"status": "rejected"}),
    (HandOverRow, {"status": "forgotten"}),
    (HandOverRow, {"status": "proposed"}),
    (HandOverRow, {"status": "approved"}),
    (HandOverRow, {"status": "transferred"}),
    (EffectRow, {"id": "e-1"}),
    (EffectRow, {"occurrence": 0}),
    (EffectRow, {"kind": "pigeon"}),
    (EffectRow, {"status": "lost"}),
    (EffectRow, {"status": "claimed"}),
    (EffectRow, {"status": "sending"}),
    (EffectRow, {"status": "came_back"}),
    (EffectRow, {"came_back_on": ON}),
    (EffectRow, {"channel": "pigeon"}),
    (EffectRow, {"claim_id": 99}),
    (EffectRow, {"hand_over_id": 99}),
    (AttemptRow, {"n": 1}),
    (AttemptRow, {"effect_id": "e-99"}),
    (AuditRow, {"seq": 1}),
    (AuditRow, {"sha256": "a"}),
    (BaseRateRow, {"from_on": date(2027, 1, 1)}),
    (BaseRateRow, {"from_on": date(2027, 7, 2)}),
    (BaseRateRow, {"from_on": date(2027, 2, 1)}),
    (BaseRateRow, {"bps": -501}),
    (BaseRateRow, {"bps": 1501}),
    (BaseRateRow, {"source": ""}),
    (BaseRateRow, {"person": ""}),
    (CostRow, {"effect_id": "e-1"}),
    (CostRow, {"effect_id": "e-99"}),
    (CostRow, {"provider": ""}),
    (CostRow, {"postage_cents": -1}),
    (CostRow, {"print_cents": -1}),
    (EvidenceRow, {"kind": "rumour"}),
    (EvidenceRow, {"person": ""}),
    (EvidenceRow, {"until_on": date(2026, 3, 1)}),
    (EvidenceRow, {"claim_id": 99}),
]


def _fill(store: Store) -> None:
    """One sound row in each table, a second invoice for a second claim, and a second effect for a second cost."""
    with store.write() as session:
        for table, row in ROWS.items():
            _insert(session, table, row)
            if table in (InvoiceRow, EffectRow):
                _insert(session, table, row | OTHER[table])


def _insert(session: Session, table: type[SQLModel], row: dict[str, Any]) -> None:
    session.add(table(**row))
    session.flush()


@pytest.mark.parametrize(
    ("table", "wrong"), REFUSED, ids=[f"{table.__tablename__}:{wrong}" for table, wrong in REFUSED]
)
def test_what_no_rule_of_ours_writes_is_refused(store: Store, table: type[SQLModel], wrong: dict[str, Any]) -> None:
    _fill(store)
    with pytest.raises(IntegrityError), store.write() as session:
        _insert(session, table, ROWS[table] | OTHER[table] | AGAIN.get(table, {}) | wrong)


def test_the_rows_are_sound_but_for_what_is_wrong_in_them(store: Store) -> None:
    _fill(store)
    with store.write() as session:
        for table, row in ROWS.items():
            if table not in (InvoiceRow, EffectRow):
                _insert(session, table, row | OTHER[table])


@pytest.mark.parametrize("verb", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_happened_is_never_changed(store: Store, table: str, verb: str) -> None:
    _fill(store)
    columns = {"ledger_entry": "note", "audit": "sha256", "base_rate": "bps", "cost": "print_cents"}
    column = columns.get(table, "reason")
    statement = verb.format(table=table, column=column)
    with pytest.raises(DBAPIError, match=f"{table} is append-only"), store.write() as session:
        session.connection().execute(text(statement))
    with store.read() as session:
        assert session.connection().scalar(text(f"SELECT count(*) FROM {table}")) == 1
