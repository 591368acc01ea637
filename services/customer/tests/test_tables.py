"""The migrations make exactly the tables that the statements are written for."""

from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from tests.harness.databases import SQL, an_empty_database, engine

from bookstore.customer.app import MIGRATIONS
from bookstore.customer.outbound.tables import TABLES
from bookstore.kit.database import open_database


@pytest.mark.parametrize("kind", SQL)
def test_the_migrations_make_the_tables(tmp_path: Path, kind: str) -> None:
    with an_empty_database(kind, tmp_path) as url:
        with open_database(url, MIGRATIONS):
            pass
        with closing(engine(url).connect()) as connection:
            differences = compare_metadata(MigrationContext.configure(connection), TABLES)

        assert differences == []
