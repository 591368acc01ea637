"""The table saga."""

from alembic import op

from bookstore.saga.tables import create_saga

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_saga(op)


def downgrade() -> None:
    op.drop_table("saga")
