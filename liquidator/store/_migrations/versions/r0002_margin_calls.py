"""What owners were told of their accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "margin_calls",
        sa.Column("chain_id", sa.Integer, primary_key=True),
        sa.Column("book", sa.String, primary_key=True),
        sa.Column("account", sa.LargeBinary, primary_key=True),
        sa.Column("level", sa.String, nullable=False),
        sa.Column("told", sa.Float, nullable=False),
        sa.Column("is_over", sa.Boolean, nullable=False),
    )
