"""Books; what is searched or sorted by is folded beside what is shown."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"


def instant() -> sa.BigInteger:
    return sa.BigInteger().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def key() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "book",
        sa.Column("id", key(), primary_key=True),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("title_folded", sa.String(765), nullable=False),
        sa.Column("title_key", sa.String(100), nullable=False),
        sa.Column("isbn", sa.String(13)),
        sa.Column("listed_isbn", sa.String(13), unique=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("category_id", key(), sa.ForeignKey("category.id")),
        sa.Column("publisher_id", key(), sa.ForeignKey("publisher.id")),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("updated_at", instant(), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("retired_at", instant()),
        sa.Index("ix_book_title_folded", "title_folded"),
        sa.Index("ix_book_category_id", "category_id"),
        sa.Index("ix_book_publisher_id", "publisher_id"),
        sa.Index("ix_book_created_at", "created_at", "id", "retired_at"),
        sa.Index("ix_book_updated_at", "updated_at", "id", "retired_at"),
        sa.Index("ix_book_title_key", "title_key", "id", "retired_at"),
        sa.Index("ix_book_amount", "amount", "id", "retired_at"),
    )


def downgrade() -> None:
    op.drop_table("book")
