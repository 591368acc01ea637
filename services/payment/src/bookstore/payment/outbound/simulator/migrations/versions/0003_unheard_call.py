"""Which first calls the network did not hear."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "network_unheard_call",
        sa.Column("network_key", sa.String(160), primary_key=True),
        sa.Column("created_at", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("network_unheard_call")
