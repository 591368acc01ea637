"""What the network paid back."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "network_refund",
        sa.Column("refund_key", sa.String(160), primary_key=True),
        sa.Column(
            "network_key",
            sa.String(160),
            sa.ForeignKey("network_authorisation.network_key"),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("network_refund")
