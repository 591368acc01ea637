"""The migrations make exactly the tables that the statements are written for."""

from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bookstore.inventory.app import MIGRATIONS
from bookstore.inventory.outbound.tables import TABLES
from bookstore.kit.database import open_database


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/inventory.db"
    with open_database(url, MIGRATIONS):
        pass
    engine = sa.create_engine(url, poolclass=sa.NullPool)

    with closing(engine.connect()) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), TABLES)

    assert differences == []
