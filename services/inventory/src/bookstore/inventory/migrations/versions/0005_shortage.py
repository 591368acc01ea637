"""Why orders were turned away: what was asked for, and what there was."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText, big_key

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "shortage",
        sa.Column("id", big_key(), primary_key=True),
        sa.Column("order_id", UuidText, nullable=False),
        sa.Column("book_id", sa.BigInteger, nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("available", sa.BigInteger, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.UniqueConstraint("order_id", "id"),
    )


def downgrade() -> None:
    op.drop_table("shortage")
