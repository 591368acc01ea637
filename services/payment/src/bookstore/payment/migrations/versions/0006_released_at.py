"""When the card network itself said that nothing is held; null for what it has yet to be asked."""

import sqlalchemy as sa
from alembic import op

from bookstore.kit.database import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("payment", sa.Column("released_at", Instant))


def downgrade() -> None:
    op.drop_column("payment", "released_at")
