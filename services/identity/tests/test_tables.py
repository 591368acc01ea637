"""The migrations make exactly the tables that the statements are written for, and undo them."""

from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.harness.databases import SQL, an_empty_database, engine

from bookstore.identity.app import MIGRATIONS
from bookstore.identity.outbound.tables import TABLES
from bookstore.kit.database import open_database


@pytest.mark.parametrize("kind", SQL)
def test_the_migrations_make_the_tables_and_take_them_away_again(
    tmp_path: Path, kind: str
) -> None:
    with an_empty_database(kind, tmp_path) as url:
        with open_database(url, MIGRATIONS):
            pass
        with closing(engine(url).connect()) as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, TABLES) == []
            with Operations.context(context):
                for revision in ScriptDirectory(str(MIGRATIONS)).walk_revisions():
                    revision.module.downgrade()
            assert sa.inspect(connection).get_table_names() == ["alembic_version"]
