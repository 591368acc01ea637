"""Attempts to sign in, counted before the password is hashed."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, big_key

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", big_key(), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False, index=True),
        sa.Column("address", sa.String(64), nullable=False, index=True),
        sa.Column("created_at", Instant, nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("sign_in_attempt")
