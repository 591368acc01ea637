"""Which of the card network's events were heard."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant, UuidText

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "webhook_event",
        sa.Column("event_id", sa.String(255), primary_key=True),
        sa.Column("payment_id", UuidText, sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("received_at", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("webhook_event")
