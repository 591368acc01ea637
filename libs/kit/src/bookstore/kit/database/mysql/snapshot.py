"""A database as it is at one moment, for whoever compares all of it: read, never written.

All tables are read in one transaction that sees what was committed when it began, whatever is
written meanwhile. Reading waits for nobody and nobody waits for it; SELECT is all it may do.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pymysql
from pymysql.cursors import SSCursor

from bookstore.kit.database.failures import DatabaseUnreachableError
from bookstore.kit.database.migrate import after
from bookstore.kit.database.mysql.connection import Connection, Place
from bookstore.kit.database.mysql.migrate import current

_BEGIN: Final = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
_COLUMNS: Final = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position
"""
_INDEXES: Final = """
    SELECT table_name, index_name, column_name FROM information_schema.statistics
    WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index
"""
_MOMENT: Final = "datetime"


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and what kind of data it holds in the words of SQL: bigint, varchar and so on."""

    name: str
    kind: str

    @property
    def expression(self) -> str:
        """Return what to select: instants are microseconds since 1970, as SQLite keeps them."""
        if self.kind != _MOMENT:
            return f"`{self.name}`"
        return f"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', `{self.name}`)"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, and the columns of each of its indexes."""

    name: str
    columns: list[Column]
    indexes: list[list[str]]


class Snapshot:
    """What a database held when `begin` was called."""

    def __init__(self, place: Place, connection: Connection) -> None:
        self._place = place
        self._connection = connection

    def begin(self) -> None:
        """See from now on what is committed now; raises DatabaseUnreachableError."""
        with self._answering(), self._connection.cursor() as cursor:
            cursor.execute(_BEGIN)

    def check_version(self, migrations: Path) -> None:
        """Raise NewerDataError, or DatabaseUnreachableError if it is none of ours at all."""
        with self._answering():
            at, _begun = current(self._connection)
        if at is None:
            raise DatabaseUnreachableError(f"the database {self._place} holds nothing of ours yet")
        after(at, migrations)

    def tables(self) -> list[Table]:
        """Return what every table is made of; raises DatabaseUnreachableError."""
        with self._answering(), self._connection.cursor() as cursor:
            cursor.execute(_INDEXES)
            indexes: dict[str, list[list[str]]] = {}
            for (table, _), parts in groupby(cursor.fetchall(), key=lambda row: row[:2]):
                indexes.setdefault(table, []).append([column for *_, column in parts])
            cursor.execute(_COLUMNS)
            return [
                Table(
                    table,
                    [Column(name, kind) for _, name, kind in columns],
                    indexes.get(table, []),
                )
                for table, columns in groupby(cursor.fetchall(), key=lambda row: row[0])
            ]

    def rows(self, table: Table) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a table as they arrive; raises DatabaseUnreachableError."""
        expressions = ", ".join(column.expression for column in table.columns)
        with self._answering(), self._connection.cursor(SSCursor) as cursor:
            cursor.execute(f"SELECT {expressions} FROM `{table.name}`")  # noqa: S608 — no values
            yield from cursor.fetchall_unbuffered()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except pymysql.Error as error:
            raise DatabaseUnreachableError(
                f"the database {self._place} cannot be read: {error.args[-1]}"
            ) from error


@contextmanager
def snapshots(places: Mapping[str, Place]) -> Iterator[dict[str, Snapshot]]:
    """Connect to several databases, so that all can begin at almost one moment.

    Raises DatabaseUnreachableError.
    """
    with ExitStack() as stack:
        opened: dict[str, Snapshot] = {}
        for name, place in places.items():
            connection = place.open_to_look()
            stack.callback(_close, connection)
            opened[name] = Snapshot(place, connection)
        yield opened


def _close(connection: Connection) -> None:
    if connection.open:
        connection.close()
