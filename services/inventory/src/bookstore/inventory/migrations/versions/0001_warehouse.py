"""Places where stock lies."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, big_key

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "warehouse",
        sa.Column("id", big_key(), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("folded_name", sa.Text, nullable=False),
        sa.Column("address", sa.String(500)),
        sa.Column("capacity", sa.BigInteger),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("warehouse")
