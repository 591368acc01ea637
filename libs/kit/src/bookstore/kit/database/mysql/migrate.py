"""Migrations where DDL commits by itself: one process at a time, each revision can be resumed.

`alembic_version` says "0003" when revision 0003 is the last that is complete, and "0003+" while
the next one is under way. So a migration that was cut short is known as such: its revision is run
again, and what it finds there already was its own. GET_LOCK keeps a second process waiting, which
then finds nothing to do.

All text compares by its code points, as on SQLite, blanks at its end included: the database is
set to such a collation before its first table is made.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import pymysql
from pymysql.cursors import Cursor

from bookstore.kit.database.failures import DatabaseUnreachableError
from bookstore.kit.database.migrate import after
from bookstore.kit.database.mysql.connection import Connection, Place, is_mariadb

LOCK_WAIT: Final = 120  # seconds for others to finish theirs
_NO_TABLE: Final = 1146
_THERE_ALREADY: Final = frozenset({1050, 1060, 1061, 1091, 1826})
_VERSIONS: Final = (
    "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
)


def migrate(place: Place, migrations: Path) -> None:
    """Bring the database to its newest revision.

    Raises NewerDataError or DatabaseUnreachableError.
    """
    with closing(place.open_to_migrate()) as connection:
        if not _pending(connection, migrations):
            return
        with _alone(connection, place):
            _upgrade(connection, place, migrations)


def _upgrade(connection: Connection, place: Place, migrations: Path) -> None:
    # Only a database that must change pays for importing Alembic.
    from alembic.script import ScriptDirectory  # noqa: PLC0415 — see above

    _compare_by_code_points(connection, place)
    connection.query(_VERSIONS)
    scripts = {r.revision: r.module for r in ScriptDirectory(str(migrations)).walk_revisions()}
    at, begun = current(connection)
    for revision in after(at, migrations):
        connection.cursorclass = _Resuming if begun else Cursor
        _mark(connection, f"{at or ''}+")
        _apply(connection, revision, scripts[revision])
        at, begun = revision, False


def _apply(connection: Connection, revision: str, script: Any) -> None:
    from alembic.operations import Operations  # noqa: PLC0415 — see `_upgrade`
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.pool import StaticPool  # noqa: PLC0415

    engine = create_engine("mysql+pymysql://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as bound:
        with Operations.context(MigrationContext.configure(bound)):
            script.upgrade()
        _mark(connection, revision)  # with the rows that it adds, in one transaction


class _Resuming(Cursor):
    """Takes what is there already as done: the attempt that was cut short has done it."""

    def execute(self, query: Any, args: Any = None) -> int:
        try:
            return super().execute(query, args)
        except pymysql.DatabaseError as error:
            if error.args[0] not in _THERE_ALREADY:
                raise
            return 0


@contextmanager
def _alone(connection: Connection, place: Place) -> Iterator[None]:
    """Keep other processes from migrating; the server lets go when the connection ends."""
    name = f"migrate {place.name}"[-64:]
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, %s)", (name, LOCK_WAIT))
        if cursor.fetchone() != (1,):
            raise DatabaseUnreachableError(
                f"the database {place} has been migrated by another process for {LOCK_WAIT} s now"
            )
        yield
        cursor.execute("SELECT RELEASE_LOCK(%s)", (name,))


def _compare_by_code_points(connection: Connection, place: Place) -> None:
    collation = "utf8mb4_nopad_bin" if is_mariadb(connection) else "utf8mb4_0900_bin"
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@collation_database")
        if cursor.fetchone() != (collation,):
            cursor.execute(
                f"ALTER DATABASE `{place.name}` CHARACTER SET utf8mb4 COLLATE {collation}"
            )


def _pending(connection: Connection, migrations: Path) -> bool:
    at, _begun = current(connection)
    connection.commit()  # what is read later shall not be of this snapshot
    return bool(after(at, migrations))


def current(connection: Connection) -> tuple[str | None, bool]:
    """Return the last complete revision, and whether the next one was begun."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT version_num FROM alembic_version")
        except pymysql.ProgrammingError as error:
            if error.args[0] != _NO_TABLE:
                raise
            return None, False
        row = cursor.fetchone()
    text = "" if row is None else str(row[0])
    return text.rstrip("+") or None, text.endswith("+")


def _mark(connection: Connection, version: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM alembic_version")
        cursor.execute("INSERT INTO alembic_version VALUES (%s)", (version,))
    connection.commit()
