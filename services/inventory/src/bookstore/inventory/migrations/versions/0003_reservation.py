"""What orders hold and held."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText, big_key

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "reservation",
        sa.Column("id", big_key(), primary_key=True),
        sa.Column("order_id", UuidText, nullable=False),
        sa.Column("stock_id", sa.BigInteger, nullable=False),
        sa.Column("book_id", sa.BigInteger, nullable=False),
        sa.Column("warehouse_id", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.CheckConstraint("quantity > 0", name="reservation_quantity"),
        sa.UniqueConstraint("order_id", "id"),
        sa.UniqueConstraint("book_id", "id"),
    )


def downgrade() -> None:
    op.drop_table("reservation")
