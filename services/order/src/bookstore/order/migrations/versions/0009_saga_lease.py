"""The table saga_lease: which process looks after which saga on Conductor."""

from alembic import op

from bookstore.saga.conductor.tables import create_saga_lease

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    create_saga_lease(op)


def downgrade() -> None:
    op.drop_table("saga_lease")
