"""The first tables: jobs, transactions, cooldowns and price rounds."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chain_id", sa.Integer, nullable=False),
        sa.Column("book", sa.String, nullable=False),
        sa.Column("account", sa.LargeBinary, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("round_id", sa.Integer, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("outcome", sa.String),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("begun", sa.Float, nullable=False),
        sa.Column("changed", sa.Float, nullable=False),
    )
    op.create_index("jobs_by_task", "jobs", ["chain_id", "book", "account", "action"])
    op.create_table(
        "transactions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chain_id", sa.Integer, nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("nonce", sa.Integer, nullable=False),
        sa.Column("job", sa.Integer, sa.ForeignKey("jobs.id")),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("fee_limit", sa.LargeBinary),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("is_abandoned", sa.Boolean, nullable=False),
        sa.Column("mined_as", sa.LargeBinary),
        sa.Column("block", sa.Integer),
        sa.Column("block_hash", sa.LargeBinary),
        sa.Column("succeeded", sa.Boolean),
        sa.Column("changed", sa.Float, nullable=False),
    )
    # a nonce that was dropped is free again
    op.create_index(
        "one_nonce",
        "transactions",
        ["chain_id", "sender", "nonce"],
        unique=True,
        sqlite_where=sa.text("state != 'dropped'"),
    )
    op.create_index("transactions_by_job", "transactions", ["job"])
    op.create_table(
        "signatures",
        sa.Column("transaction_id", sa.Integer, sa.ForeignKey("transactions.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "cooldowns",
        sa.Column("chain_id", sa.Integer, primary_key=True),
        sa.Column("book", sa.String, primary_key=True),
        sa.Column("account", sa.LargeBinary, primary_key=True),
        sa.Column("action", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("until", sa.Float),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "rounds",
        sa.Column("chain_id", sa.Integer, primary_key=True),
        sa.Column("book", sa.String, primary_key=True),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("timestamp", sa.Integer, nullable=False),
        sa.Column("prices", sa.Text, nullable=False),
        sa.Column("effective_prices", sa.Text, nullable=False),
        sa.Column("reduce_only", sa.Integer, nullable=False),
        sa.Column("stale", sa.Integer, nullable=False),
        sa.Column("is_calm", sa.Boolean, nullable=False),
    )
