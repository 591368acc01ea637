"""A server's database as a schema of SQLite, so that each invariant is one query for all.

MariaDB and MySQL cannot be asked across servers, and speak SQL of their own. So what the
snapshot shows is copied, column by column, with nothing that constrains it: whatever was done to
the data by hand must arrive. The copy is SQLite's own temporary file, gone with the connection.
"""

import sqlite3
from typing import Final

from bookstore.kit.database.mysql import Column, Snapshot, Table

_NUMBERS: Final = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "datetime"})


def copy(connection: sqlite3.Connection, schema: str, snapshot: Snapshot) -> None:
    """Fill an empty schema with all tables of a snapshot; raises DatabaseUnreachableError."""
    for table in snapshot.tables():
        columns = ", ".join(f'"{column.name}" {_kind(column)}' for column in table.columns)
        connection.execute(f'CREATE TABLE {schema}."{table.name}" ({columns})')
        places = ", ".join("?" for _ in table.columns)
        connection.executemany(
            f'INSERT INTO {schema}."{table.name}" VALUES ({places})', snapshot.rows(table)
        )
        _index(connection, schema, table)


def _index(connection: sqlite3.Connection, schema: str, table: Table) -> None:
    """Make what is quickly found there quickly found here."""
    for number, names in enumerate(table.indexes):
        columns = ", ".join(f'"{name}"' for name in names)
        connection.execute(
            f'CREATE INDEX {schema}."{table.name}_{number}" ON "{table.name}" ({columns})'
        )


def _kind(column: Column) -> str:
    """Return a type under which SQLite keeps the values as they are."""
    if column.kind in _NUMBERS:
        return "INTEGER"
    return "BLOB" if column.kind.endswith(("blob", "binary")) else "TEXT"
