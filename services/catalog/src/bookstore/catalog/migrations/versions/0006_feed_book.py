"""Which book each feed's ids mean."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def key() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "feed_book",
        sa.Column("feed", sa.String(32), primary_key=True),
        sa.Column("feed_id", sa.String(64), primary_key=True),
        sa.Column("book_id", key(), sa.ForeignKey("book.id"), nullable=False),
        sa.Index("ix_feed_book_book_id", "book_id"),
    )


def downgrade() -> None:
    op.drop_table("feed_book")
