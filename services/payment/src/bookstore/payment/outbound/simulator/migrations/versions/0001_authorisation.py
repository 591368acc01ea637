"""Whose money the network holds."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "network_authorisation",
        sa.Column("network_key", sa.String(160), primary_key=True),
        sa.Column("token", sa.String(255), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("refunded_amount", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "0 <= refunded_amount AND refunded_amount <= amount", name="network_balance"
        ),
    )


def downgrade() -> None:
    op.drop_table("network_authorisation")
