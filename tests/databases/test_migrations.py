"""Migrations on a real server: by several at once, cut short, and where they may not be."""

import asyncio
import os
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.databases.things import (
    column,
    name_of,
    revise,
)
from tests.harness.databases import SERVER_URL, connect

from bookstore.catalog.app import MIGRATIONS
from bookstore.kit.database import (
    DatabaseUnreachableError,
    open_database,
)

LAST_OF_CATALOG = max(file.name for file in (MIGRATIONS / "versions").glob("*_*.py"))[:4]


async def test_two_who_migrate_at_once_do_it_once(url: str, migrations: Path) -> None:
    revise(migrations, "THING", "0003", "0002", 'op.execute("DO SLEEP(0.3)")')
    last = migrations / "versions/0003_x.py"
    last.write_text(last.read_text().replace("CreateTable", "DropTable"))

    def open_it() -> None:
        with open_database(url, migrations):
            pass

    await asyncio.gather(*(asyncio.to_thread(open_it) for _ in range(4)))

    assert column(url, "SELECT version_num FROM alembic_version") == ["0003"]
    assert sorted(column(url, "SHOW TABLES")) == ["alembic_version", "shelf"]


def test_a_migration_that_was_cut_short_is_resumed(url: str, migrations: Path) -> None:
    add_column = 'op.add_column("thing", EXTRA)'
    index = 'op.create_index("thing_made", "thing", ["made_at"])'
    row = 'op.execute("INSERT INTO shelf VALUES (7)")'
    revise(migrations, "THING", "0002", "0001", f"{add_column}; {row}; 1 / 0")
    with pytest.raises(ZeroDivisionError), open_database(url, migrations):
        pass
    assert column(url, "SELECT version_num FROM alembic_version") == ["0001+"]

    revise(migrations, "THING", "0002", "0001", f"{add_column}; {row}; {index}")
    with open_database(url, migrations):
        pass

    assert column(url, "SELECT version_num FROM alembic_version") == ["0002"]
    assert column(url, "SELECT id FROM shelf") == [7]
    assert column(url, "SELECT extra FROM thing") == []


def test_tables_of_others_are_not_taken_for_ours(url: str, migrations: Path) -> None:
    with closing(connect(name_of(url))) as other:
        other.query("CREATE TABLE shelf (something INT)")

    refused = pytest.raises(sa.exc.OperationalError, match="already exists")
    with refused, open_database(url, migrations):
        pass


def test_a_database_that_is_not_there_is_told_without_its_password(migrations: Path) -> None:
    there = SERVER_URL.replace("root@", "root:hidden@") + "/x"
    with pytest.raises(DatabaseUnreachableError) as refused, open_database(there, migrations):
        pass

    assert "the database x at 127.0.0.1" in str(refused.value)
    assert "hidden" not in str(refused.value)


async def test_a_service_migrates_as_a_command_even_twice_at_once(url: str) -> None:
    command = (sys.executable, "-m", "bookstore.catalog", "migrate")
    twice = [
        await asyncio.create_subprocess_exec(*command, env=os.environ | {"DATABASE_URL": url})
        for _ in range(2)
    ]

    assert [await process.wait() for process in twice] == [0, 0]
    assert column(url, "SELECT version_num FROM alembic_version") == [LAST_OF_CATALOG]
    assert "Poetry" in column(url, "SELECT name FROM category")
