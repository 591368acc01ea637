"""What people gave back in another way than by the card network."""

from alembic import op

revision = "0007"
down_revision = "0006"

_ADD = "ALTER TABLE payment ADD COLUMN settled_amount BIGINT DEFAULT 0 NOT NULL"
_CHECK = (
    "CONSTRAINT payment_settled CHECK"
    " (0 <= settled_amount AND refunded_amount + settled_amount <= captured_amount)"
)


def upgrade() -> None:
    # One statement on either: SQLite knows no ADD CONSTRAINT, MySQL no column's CHECK of others.
    is_sqlite = op.get_context().dialect.name == "sqlite"
    op.execute(f"{_ADD} {_CHECK}" if is_sqlite else f"{_ADD}, ADD {_CHECK}")


def downgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        op.execute(
            "ALTER TABLE payment DROP CONSTRAINT payment_settled, DROP COLUMN settled_amount"
        )
    else:
        op.drop_column("payment", "settled_amount")
