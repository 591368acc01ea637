"""The keys that sign tokens."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(64), primary_key=True),
        sa.Column("pem", sa.String(4000), nullable=False),
        sa.Column("retired_at", Instant),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("signing_key")
