"""The timelines of sagas."""

from alembic import op

from bookstore.saga.tables import create_saga_event

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_saga_event(op)


def downgrade() -> None:
    op.drop_table("saga_event")
