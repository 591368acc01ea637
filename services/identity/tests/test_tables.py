"""The migrations make exactly the tables that the statements are written for, and undo them."""

from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bookstore.identity.app import MIGRATIONS
from bookstore.identity.outbound.tables import TABLES
from bookstore.kit.database import open_database


def test_the_migrations_make_the_tables_and_take_them_away_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/identity.db"
    with open_database(url, MIGRATIONS):
        pass
    engine = sa.create_engine(url, poolclass=sa.NullPool)

    with closing(engine.connect()) as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, TABLES) == []
        with Operations.context(context):
            for revision in ScriptDirectory(str(MIGRATIONS)).walk_revisions():
                revision.module.downgrade()
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
