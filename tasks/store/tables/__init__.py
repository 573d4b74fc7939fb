"""The tables. Rows are dumb: mappings build the frozen `dunning` values, constraints repeat the rule in the database.

Money is whole cents in BIGINT, instants are aware UTC, business days are Berlin dates.
"""

from tasks.store.tables.debts import (
    ClaimRow,
    CostRow,
    CustomerRow,
    EvidenceRow,
    HoldRow,
    InvoiceRow,
    LedgerEntryRow,
)
from tasks.store.tables.records import AuditRow, BankStatementRow, BaseRateRow, ImportFileRow, PaymentProposalRow
from tasks.store.tables.runs import (
    ApprovalRow,
    AttemptRow,
    DecisionRow,
    DunningRunRow,
    EffectRow,
    HandOverRow,
)

APPEND_ONLY = ("ledger_entry", "attempt", "audit", "base_rate", "cost", "evidence")
"""Tables whose rows are never changed or deleted; triggers see to it."""

__all__ = [
    "APPEND_ONLY",
    "ApprovalRow",
    "AttemptRow",
    "AuditRow",
    "BankStatementRow",
    "BaseRateRow",
    "ClaimRow",
    "CostRow",
    "CustomerRow",
    "DecisionRow",
    "DunningRunRow",
    "EffectRow",
    "EvidenceRow",
    "HandOverRow",
    "HoldRow",
    "ImportFileRow",
    "InvoiceRow",
    "LedgerEntryRow",
    "PaymentProposalRow",
]
