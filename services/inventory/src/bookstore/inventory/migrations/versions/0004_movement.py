"""The ledger: every change of stock."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText, big_key

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "movement",
        sa.Column("id", big_key(), primary_key=True),
        sa.Column("stock_id", sa.BigInteger, nullable=False),
        sa.Column("book_id", sa.BigInteger, nullable=False),
        sa.Column("warehouse_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("quantity_after", sa.BigInteger, nullable=False),
        sa.Column("reserved_after", sa.BigInteger, nullable=False),
        sa.Column("order_id", UuidText),
        sa.Column("reason", sa.String(500)),
        sa.Column("created_by", UuidText),
        sa.Column("created_at", Instant, nullable=False),
        sa.UniqueConstraint("stock_id", "id"),
        sa.UniqueConstraint("order_id", "id"),
    )


def downgrade() -> None:
    op.drop_table("movement")
