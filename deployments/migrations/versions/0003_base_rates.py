"""Base rates that a person confirmed (§ 247 BGB); append-only like the ledger.

Revision: 0003
After: 0002
"""

import sqlalchemy as sa
from alembic import op

import tasks.store.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the triggers that keep its rows; PostgreSQL's function came with 0002."""
    op.create_table(
        "base_rate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("bps", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("at", tasks.store.types.UtcInstant(timezone=True), nullable=False),
        sa.CheckConstraint(
            "substr(CAST(from_on AS VARCHAR), 6) IN ('01-01', '07-01')", name=op.f("ck_base_rate_half_year")
        ),
        sa.CheckConstraint("bps BETWEEN -500 AND 1500", name=op.f("ck_base_rate_bps")),
        sa.CheckConstraint("source <> ''", name=op.f("ck_base_rate_source")),
        sa.CheckConstraint("person <> ''", name=op.f("ck_base_rate_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_rate")),
        sa.UniqueConstraint("from_on", name=op.f("uq_base_rate_from_on")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER base_rate_append_only BEFORE UPDATE OR DELETE ON base_rate "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER base_rate_no_{verb.lower()} BEFORE {verb} ON base_rate "
            "BEGIN SELECT RAISE(ABORT, 'base_rate is append-only'); END"
        )
