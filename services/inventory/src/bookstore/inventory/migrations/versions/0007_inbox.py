"""The answers to the order sagas' tasks."""

from alembic import op

from bookstore.saga.sql_inbox import inbox_columns

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table("inbox", *inbox_columns(), sqlite_with_rowid=False)


def downgrade() -> None:
    op.drop_table("inbox")
