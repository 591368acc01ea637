"""Idempotency-Keys of simple writes."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("operation", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False, index=True),
        sa.PrimaryKeyConstraint("owner", "operation", "idempotency_key"),
    )


def downgrade() -> None:
    op.drop_table("idempotency")
