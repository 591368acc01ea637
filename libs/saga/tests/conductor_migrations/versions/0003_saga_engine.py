"""The table saga_engine."""

from alembic import op

from bookstore.saga.tables import create_saga_engine

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_saga_engine(op)


def downgrade() -> None:
    op.drop_table("saga_engine")
