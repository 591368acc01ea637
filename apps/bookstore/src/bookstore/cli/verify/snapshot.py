"""All databases of a store in one read-only connection, each as it is at one moment.

The card network, payment and inventory are read first and order last: whatever they know of a
purchase in flight, order knows too.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from bookstore.cli.folder import Folder, reading
from bookstore.cli.terminal import CommandError
from bookstore.kit.cards import holds_card_number

# The schema under which each database is attached, in the order in which they are read; `order`
# is a word of SQL, so its schema is `ordering`.
SCHEMAS: Final = {
    "card-network": "network",
    "payment": "payment",
    "inventory": "inventory",
    "catalog": "catalog",
    "customer": "customer",
    "identity": "identity",
    "order": "ordering",
}

_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")  # a character, as JSON may write it


def files(folder: Folder) -> dict[str, Path]:
    """Return the databases of a data folder, by service."""
    return {name: folder.file(name) for name in SCHEMAS if folder.file(name).exists()}


@contextmanager
def open_snapshot(databases: Mapping[str, Path]) -> Iterator[sqlite3.Connection]:
    """Attach the databases, read-only, beside a running store; raises CommandError."""
    with closing(sqlite3.connect(":memory:", uri=True, isolation_level=None)) as connection:
        equip(connection)
        connection.execute("PRAGMA busy_timeout = 5000")
        try:
            for name, schema in SCHEMAS.items():
                if name in databases:
                    connection.execute(f"ATTACH ? AS {schema}", (reading(databases[name]),))
            connection.execute("BEGIN")
            for name, schema in SCHEMAS.items():
                if name in databases:
                    connection.execute(f"SELECT * FROM {schema}.sqlite_master LIMIT 1").fetchall()
            yield connection
        except sqlite3.Error as error:
            raise CommandError(f"The databases cannot be read: {error}.") from error


def equip(connection: sqlite3.Connection) -> None:
    """Give a connection what invariants need of it."""
    connection.row_factory = sqlite3.Row
    connection.create_function("holds_card_number", 1, _holds_card_number, deterministic=True)
    connection.create_function("document", 1, _document, deterministic=True)


def schemas(connection: sqlite3.Connection) -> set[str]:
    """Return which schemas are attached."""
    return {name for _, name, _ in connection.execute("PRAGMA database_list")}


def count_rows(connection: sqlite3.Connection) -> int:
    """Count the rows of all tables."""
    return sum(
        connection.execute(f'SELECT count(*) FROM {schema}."{table}"').fetchone()[0]
        for schema, table in _tables(connection)
    )


def text_columns(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """Name every column of every table that may hold text: schema, table, column."""
    for schema, table in _tables(connection):
        columns = connection.execute(f'PRAGMA {schema}.table_info("{table}")').fetchall()
        for column in columns:
            kind = column["type"].upper()
            if any(word in kind for word in ("CHAR", "TEXT", "JSON", "CLOB", "BLOB")):
                yield schema, table, column["name"]


def _tables(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for _, schema, _ in connection.execute("PRAGMA database_list").fetchall():
        tables = connection.execute(
            f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        for (table,) in tables:
            yield schema, table


def _document(value: object) -> str:
    """Return what is JSON; anything else says nothing, so that it fits nothing."""
    text = str(value)
    try:
        json.loads(text)
    except ValueError:
        return "{}"
    return text


def _holds_card_number(value: object) -> bool:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return False
    return holds_card_number(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value))
