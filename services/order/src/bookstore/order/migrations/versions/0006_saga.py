"""Sagas: what is asked for, and how far it has come."""

from alembic import op

from bookstore.saga.tables import create_saga

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    create_saga(op)


def downgrade() -> None:
    op.drop_table("saga")
