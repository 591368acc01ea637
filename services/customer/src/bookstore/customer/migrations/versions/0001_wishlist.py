"""The books that customers wish for."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText, big_key

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "wishlist",
        sa.Column("id", big_key(), primary_key=True),
        sa.Column("customer_id", UuidText, nullable=False),
        sa.Column("book_id", sa.BigInteger, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("customer_id", "book_id"),
    )


def downgrade() -> None:
    op.drop_table("wishlist")
