"""Who wrote which book, in the order of the title page."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def key() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "book_author",
        sa.Column("book_id", key(), sa.ForeignKey("book.id"), primary_key=True),
        sa.Column("author_id", key(), sa.ForeignKey("author.id"), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Index("ix_book_author_author_id", "author_id"),
    )


def downgrade() -> None:
    op.drop_table("book_author")
