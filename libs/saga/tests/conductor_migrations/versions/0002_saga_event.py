"""The table saga_event."""

from alembic import op

from bookstore.saga.tables import create_saga_event

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_saga_event(op)


def downgrade() -> None:
    op.drop_table("saga_event")
