"""Customers' points."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "point",
        sa.Column("customer_id", UuidText, primary_key=True),
        sa.Column("balance", sa.BigInteger, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("point")
