"""Refunds."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "refund",
        sa.Column("id", UuidText, primary_key=True),
        sa.Column("payment_id", UuidText, sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("network_key", sa.String(160), nullable=False, unique=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("amount > 0", name="refund_amount"),
        sa.Index("refund_payment", "payment_id", "status"),
        sa.Index("refund_status", "status", "created_at"),
    )


def downgrade() -> None:
    op.drop_table("refund")
