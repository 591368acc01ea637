"""What the store keeps of its users."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("id", UuidText, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(762), nullable=False, index=True),
        sa.Column("first_name", sa.String(100), nullable=False),
        sa.Column("last_name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(1000), nullable=False),
        sa.Column("phone", sa.String(32)),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("profile")
