"""Which engine runs the sagas."""

from alembic import op

from bookstore.saga.tables import create_saga_engine

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    create_saga_engine(op)


def downgrade() -> None:
    op.drop_table("saga_engine")
