"""Families of refresh tokens."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "session",
        sa.Column("id", UuidText, primary_key=True),
        sa.Column("user_id", UuidText, nullable=False, index=True),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("expires_at", Instant, nullable=False, index=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("session")
