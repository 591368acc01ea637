"""Categories, and the ones there are."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

CATEGORIES = (
    "Art",
    "Business",
    "Children",
    "Comic",
    "Cookbook",
    "Education",
    "Engineering",
    "Fiction",
    "Health",
    "History",
    "Magazine",
    "Novel",
    "Poetry",
    "Science",
    "Sports",
    "Technology",
    "Travel",
    "Agile",
    "Software Architecture",
    "Data Engineering",
    "Coding Practices",
    "Refactoring",
    "Kubernetes",
)


def upgrade() -> None:
    category = op.create_table(
        "category",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False, unique=True),
    )
    rows = [{"id": number, "name": name} for number, name in enumerate(CATEGORIES, 1)]
    op.bulk_insert(category, rows)


def downgrade() -> None:
    op.drop_table("category")
