"""What stands in orders."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import big_key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "book_order_item",
        sa.Column("order_serial", big_key(), sa.ForeignKey("book_order.serial"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("book_id", sa.BigInteger, nullable=False, index=True),
        sa.Column("title", sa.String(1000), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("unit_price", sa.BigInteger, nullable=False),
        sa.Column("request_index", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("order_serial", "position"),
        sa.CheckConstraint("quantity >= 1", name="book_order_item_quantity"),
    )


def downgrade() -> None:
    op.drop_table("book_order_item")
