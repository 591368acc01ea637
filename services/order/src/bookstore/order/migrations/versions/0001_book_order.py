"""Orders."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, Json, UuidText, big_key

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "book_order",
        sa.Column("serial", big_key(), primary_key=True),
        sa.Column("id", UuidText, nullable=False, unique=True),
        sa.Column("number", sa.String(32), unique=True),
        sa.Column("user_id", UuidText, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("shipping_address", Json),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("total >= 0", name="book_order_total"),
        sa.Index("book_order_user", "user_id", "created_at"),
        sa.Index("book_order_created", "created_at"),
    )


def downgrade() -> None:
    op.drop_table("book_order")
