"""Default, costs and evidence: their columns and tables; every kind of hold; notices that came back.

Revision: 0004
After: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import tasks.store.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HOLDS = (
    "'dispute', 'defect', 'chargeback', 'withdrawal', 'return_announced', 'credit_pending', 'instalment_plan', "
    "'promise_to_pay', 'deferral', 'insolvency_petition', 'insolvency', 'discharge', 'debt_counselling', 'death', "
    "'minor', 'guardianship', 'identity_theft', 'address_unknown', 'authority', 'manual'"
)
STATES = (
    "'open', 'notice_under_way', 'hand_over_proposed', 'transfer_under_way', 'at_agency', 'in_manual_hands', 'settled'"
)
ROUTES = "'', 'agreed_date', 'agreed_period', 'notice', 'thirty_days', 'refusal', 'court'"

COLUMNS: dict[str, list[sa.Column[Any]]] = {
    "invoice": [
        sa.Column("due_agreed", sa.String(), nullable=False, server_default="none"),
        sa.Column("received_on", sa.Date(), nullable=True),
    ],
    "claim": [
        sa.Column("default_from", sa.Date(), nullable=True),
        sa.Column("default_route", sa.String(), nullable=False, server_default=""),
        sa.Column("default_evidence", sa.String(), nullable=False, server_default=""),
        sa.Column("interest_from", sa.Date(), nullable=True),
    ],
    "effect": [
        sa.Column("lump_sum_cents", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("interest_cents", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("cost", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("channel", sa.String(), nullable=False, server_default="email"),
        sa.Column("came_back_on", sa.Date(), nullable=True),
    ],
    "hold": [],
    "ledger_entry": [
        sa.Column("designation", sa.String(), nullable=False, server_default=""),
        sa.Column("cost_id", sa.Integer(), nullable=True),
    ],
}
CHECKS: dict[str, dict[str, str]] = {
    "invoice": {
        "due_basis": "due_basis IN ('document', 'terms', 'setting')",
        "kind": "kind IN ('invoice', 'credit_note')",
        "due_agreed": "due_agreed IN ('none', 'date', 'period')",
    },
    "claim": {
        "state": f"state IN ({STATES})",
        "level": "level >= 0",
        "version": "version >= 1",
        "level_means_sent": "(level = 0) = (last_sent_on IS NULL)",
        "only_open_is_dunnable": "dunnable_from IS NULL OR state = 'open'",
        "default_route": f"default_route IN ({ROUTES})",
        "default_has_a_route": "(default_from IS NULL) = (default_route = '')",
        "no_interest_without_default": "interest_from IS NULL OR default_from IS NOT NULL",
    },
    "effect": {
        "kind": "kind IN ('notice_mail', 'agency_case', 'agency_payment')",
        "status": "status IN ('ready', 'claimed', 'sending', 'sent', 'uncertain', 'failed', 'cancelled', 'came_back')",
        "channel": "channel IN ('email', 'letter', 'portal')",
        "lease": "status NOT IN ('claimed', 'sending') OR worker <> ''",
        "came_back": "(came_back_on IS NOT NULL) = (status = 'came_back')",
    },
    "hold": {
        "kind": f"kind IN ({HOLDS})",
        "claim_or_customer": "(claim_id IS NULL) <> (customer_id IS NULL)",
        "until_on": "until_on IS NULL OR until_on >= from_on",
        "released": "(released_at IS NULL) = (released_by = '')",
    },
    "ledger_entry": {
        "kind": "kind IN ('invoice', 'credit_note', 'payment', 'returned_payment', 'write_off', 'fee', 'lump_sum', "
        "'bank_fee', 'waiver', 'interest')",
        "sign": "CASE WHEN kind IN ('payment', 'credit_note', 'write_off', 'waiver') THEN cents < 0 "
        "WHEN kind = 'lump_sum' THEN cents <> 0 ELSE cents > 0 END",
        "designation": "designation IN ('', 'claim', 'principal')",
        "fee_has_a_cost": "kind <> 'fee' OR cost_id IS NOT NULL",
        "interest_is_never_booked": "kind <> 'interest'",
    },
}
"""All CHECKs of a changed table: SQLite writes the table anew, and only these are in it."""
CHANGED = {"effect": {"status"}, "hold": {"kind"}, "ledger_entry": {"kind", "sign"}}
"""Those that were there before in other words."""


def upgrade() -> None:
    """Add, then write the changed tables anew; the ledger's rows get the cost records that fees now need."""
    postgres = op.get_bind().dialect.name == "postgresql"
    _drop_triggers("ledger_entry", postgres)
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    _create_tables()
    _record_costs_of_old_fees()
    for table in COLUMNS:
        _rewrite(table, postgres)
    for table in ("ledger_entry", "cost", "evidence"):
        _create_triggers(table, postgres)


def _create_tables() -> None:
    op.create_table(
        "cost",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("effect_id", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("postage_cents", sa.BigInteger(), nullable=False),
        sa.Column("print_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("provider <> ''", name=op.f("ck_cost_provider")),
        sa.CheckConstraint("postage_cents >= 0 AND print_cents >= 0", name=op.f("ck_cost_cents")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_cost_claim_id")),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name=op.f("fk_cost_effect_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost")),
        sa.UniqueConstraint("effect_id", name=op.f("uq_cost_effect_id")),
    )
    op.create_index(op.f("ix_cost_claim_id"), "cost", ["claim_id"])
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", tasks.store.types.UtcInstant(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('invoice_received', 'delivered', 'date_agreed', 'notice_286_3', 'refusal', 'court_service', "
            "'acknowledged', 'suspended')",
            name=op.f("ck_evidence_kind"),
        ),
        sa.CheckConstraint("person <> ''", name=op.f("ck_evidence_person")),
        sa.CheckConstraint("until_on IS NULL OR until_on >= happened_on", name=op.f("ck_evidence_until_on")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_evidence_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_claim_id"), "evidence", ["claim_id"])


def _record_costs_of_old_fees() -> None:
    """A fee's fingerprint is `fee|` and the effect's id."""
    op.execute(
        "INSERT INTO cost (claim_id, effect_id, provider, postage_cents, print_cents) "
        "SELECT claim_id, substr(fingerprint, 5), 'house rule before costs were recorded', cents, 0 "
        "FROM ledger_entry WHERE kind = 'fee'"
    )
    op.execute(
        "UPDATE ledger_entry SET cost_id = (SELECT cost.id FROM cost "
        "WHERE cost.effect_id = substr(ledger_entry.fingerprint, 5)) WHERE kind = 'fee'"
    )


def _rewrite(table: str, postgres: bool) -> None:
    with op.batch_alter_table(table, recreate="never" if postgres else "always") as batch:
        for column in COLUMNS[table]:
            if column.server_default is not None:
                batch.alter_column(column.name, server_default=None)
        if table == "ledger_entry":
            batch.create_foreign_key(op.f("fk_ledger_entry_cost_id"), "cost", ["cost_id"], ["id"])
        changed = CHANGED.get(table, set())
        added = {column.name for column in COLUMNS[table]}
        for name, words in CHECKS[table].items():
            if postgres and name in changed:
                batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
            if not postgres or name in changed or name in NEW or name in added:
                batch.create_check_constraint(op.f(f"ck_{table}_{name}"), sa.text(words))


NEW = {"default_has_a_route", "no_interest_without_default", "came_back", "fee_has_a_cost", "interest_is_never_booked"}


def _drop_triggers(table: str, postgres: bool) -> None:
    if postgres:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        return
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_no_{verb}")


def _create_triggers(table: str, postgres: bool) -> None:
    if postgres:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
