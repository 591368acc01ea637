"""Authors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"


def instant() -> sa.BigInteger:
    return sa.BigInteger().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "author",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_folded", sa.String(765), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("updated_at", instant(), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Index("ix_author_name_folded", "name_folded"),
    )


def downgrade() -> None:
    op.drop_table("author")
