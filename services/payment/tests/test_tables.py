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

from bookstore.kit.database import open_database
from bookstore.payment import app
from bookstore.payment.outbound import tables
from bookstore.payment.outbound.simulator import network
from bookstore.payment.outbound.simulator import tables as network_tables


@pytest.mark.parametrize("kind", SQL)
@pytest.mark.parametrize(
    ("migrations", "metadata"),
    [(app.MIGRATIONS, tables.TABLES), (network.MIGRATIONS, network_tables.TABLES)],
    ids=["payment", "simulator"],
)
def test_the_migrations_make_the_tables_and_take_them_away_again(
    tmp_path: Path, kind: str, migrations: Path, metadata: sa.MetaData
) -> None:
    with an_empty_database(kind, tmp_path) as url:
        with open_database(url, migrations):
            pass
        with closing(engine(url).connect()) as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, metadata) == []
            with Operations.context(context):
                for revision in ScriptDirectory(str(migrations)).walk_revisions():
                    revision.module.downgrade()
            assert sa.inspect(connection).get_table_names() == ["alembic_version"]
