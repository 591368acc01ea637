"""Migrations: Alembic's revisions, each in one transaction, on SQLite too.

Alembic itself commits DDL as SQLite's driver pleases; here BEGIN IMMEDIATE and COMMIT are ours,
so a start that is cut short leaves the database at one revision or the next, never between.
"""

import sqlite3
from pathlib import Path
from typing import Any

_HEAD = "SELECT version_num FROM alembic_version"
_EXISTS = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
_LEFT_OVER = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '_alembic_tmp_*'"


class NewerDataError(Exception):
    """The data were written by a newer version of the software."""


def current(connection: sqlite3.Connection) -> str | None:
    """Return the revision of the database, None if it is empty."""
    if connection.execute(_EXISTS).fetchone() is None:
        return None
    row = connection.execute(_HEAD).fetchone()
    return None if row is None else str(row[0])


def pending(connection: sqlite3.Connection, migrations: Path) -> list[str]:
    """Return the revisions that the database still needs; raises NewerDataError."""
    return after(current(connection), migrations)


def after(at: str | None, migrations: Path) -> list[str]:
    """Return the revisions that follow one, all if it is None; raises NewerDataError.

    A revision's file begins with its id: `0001_books.py` is revision 0001.
    """
    known = sorted(
        file.name.partition("_")[0] for file in (migrations / "versions").glob("*_*.py")
    )
    if at is None:
        return known
    if at not in known:
        raise NewerDataError(f"the data are at revision {at}, this software knows {known[-1]}")
    return known[known.index(at) + 1 :]


def migrate(connection: sqlite3.Connection, migrations: Path) -> None:
    """Bring the database to its newest revision."""
    if not pending(connection, migrations):
        return
    # Only a database that must change pays for importing Alembic.
    from alembic.script import ScriptDirectory  # noqa: PLC0415 — see above

    for (name,) in connection.execute(_LEFT_OVER).fetchall():
        connection.execute(f'DROP TABLE "{name}"')
    revisions = {r.revision: r.module for r in ScriptDirectory(str(migrations)).walk_revisions()}
    connection.execute(
        "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
    )
    for revision in pending(connection, migrations):
        _apply(connection, revision, revisions[revision])


def _apply(connection: sqlite3.Connection, revision: str, script: Any) -> None:
    from alembic.operations import Operations  # noqa: PLC0415 — see `migrate`
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.pool import StaticPool  # noqa: PLC0415

    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    bound = engine.connect()
    connection.execute("BEGIN IMMEDIATE")
    try:
        with Operations.context(MigrationContext.configure(bound)):
            script.upgrade()
        connection.execute("DELETE FROM alembic_version")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        bound.close()  # the driver's connection stays open: it is the writer's
