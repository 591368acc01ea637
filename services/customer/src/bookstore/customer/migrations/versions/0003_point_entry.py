"""The ledger of customers' points."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText, big_key

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "point_entry",
        sa.Column("id", big_key(), primary_key=True),
        sa.Column("customer_id", UuidText, nullable=False),
        sa.Column("difference", sa.BigInteger, nullable=False),
        sa.Column("balance", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("created_by", UuidText),
        sa.Column("created_at", Instant, nullable=False),
        sa.UniqueConstraint("customer_id", "id"),
    )


def downgrade() -> None:
    op.drop_table("point_entry")
