"""The table saga_lease."""

from alembic import op

from bookstore.saga.conductor.tables import create_saga_lease

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_saga_lease(op)


def downgrade() -> None:
    op.drop_table("saga_lease")
