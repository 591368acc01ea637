"""Payments."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "payment",
        sa.Column("id", UuidText, primary_key=True),
        sa.Column("order_id", UuidText, nullable=False, unique=True),
        sa.Column("user_id", UuidText, nullable=False),
        sa.Column("network_key", sa.String(160), nullable=False),
        sa.Column("payment_type", sa.String(16), nullable=False),
        sa.Column("card_token", sa.String(16), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("captured_amount", sa.BigInteger, nullable=False),
        sa.Column("refunded_amount", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.Column("payment_date", Instant),
        sa.Column("deadline", Instant, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "0 <= refunded_amount AND refunded_amount <= captured_amount"
            " AND captured_amount <= amount",
            name="payment_balance",
        ),
        sa.Index("payment_created", "created_at", "id"),
        sa.Index("payment_user", "user_id", "created_at", "id"),
        sa.Index("payment_status", "status", "created_at"),
    )


def downgrade() -> None:
    op.drop_table("payment")
