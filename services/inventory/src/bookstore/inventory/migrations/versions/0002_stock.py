"""The copies of each book in each warehouse."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, big_key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "stock",
        sa.Column("id", big_key(), primary_key=True),
        sa.Column("book_id", sa.BigInteger, nullable=False),
        sa.Column("warehouse_id", sa.BigInteger, sa.ForeignKey("warehouse.id"), nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("book_id", "warehouse_id"),
        sa.CheckConstraint("0 <= reserved AND reserved <= quantity", name="stock_figures"),
        sa.UniqueConstraint("warehouse_id", "book_id"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("stock")
