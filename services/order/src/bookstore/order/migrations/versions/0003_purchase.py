"""The keys of purchases, and how these ended."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, Json, UuidText

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "purchase",
        sa.Column("user_id", UuidText, nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("order_id", UuidText, nullable=False, unique=True),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("ending", Json),
        sa.Column("created_at", Instant, nullable=False, index=True),
        sa.PrimaryKeyConstraint("user_id", "idempotency_key"),
    )


def downgrade() -> None:
    op.drop_table("purchase")
