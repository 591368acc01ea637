"""Which feeds were loaded to their end."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0007"
down_revision = "0006"


def instant() -> sa.BigInteger:
    return sa.BigInteger().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "completed_feed",
        sa.Column("feed", sa.String(32), primary_key=True),
        sa.Column("completed_at", instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("completed_feed")
