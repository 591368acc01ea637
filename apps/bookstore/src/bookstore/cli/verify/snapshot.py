"""All databases of a store in one connection, each as it is at one moment, and only read.

The card network, payment and inventory are looked at first and order last: whatever they know of
a purchase in flight, order knows too.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bookstore.cli.folder import migrations, reading
from bookstore.cli.terminal import CommandError
from bookstore.cli.verify.sources import SCHEMAS
from bookstore.kit.cards import holds_card_number
from bookstore.kit.database import DatabaseUnreachableError, NewerDataError, check_url, is_sqlite

if TYPE_CHECKING:
    from bookstore.kit.database.mysql import Snapshot

_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")  # a character, as JSON may write it


@contextmanager
def open_snapshot(databases: Mapping[str, str]) -> Iterator[sqlite3.Connection]:
    """Show the databases at these URLs as schemas, beside a running store; raises CommandError."""
    with closing(sqlite3.connect(":memory:", uri=True, isolation_level=None)) as connection:
        equip(connection)
        connection.execute("PRAGMA busy_timeout = 5000")
        try:
            with _on_servers(databases) as servers:
                _attach(connection, databases, servers)
            yield connection
        except (sqlite3.Error, DatabaseUnreachableError) as error:
            raise CommandError(f"The databases cannot be read: {error}.") from error


@contextmanager
def _on_servers(databases: Mapping[str, str]) -> "Iterator[Mapping[str, Snapshot]]":
    urls = {name: url for name, url in databases.items() if not is_sqlite(url)}
    if not urls:  # only who has a server pays for importing its driver
        yield {}
        return
    from bookstore.kit.database import mysql  # noqa: PLC0415 — see above

    places = {name: mysql.Place.of(check_url(url)) for name, url in urls.items()}
    with mysql.snapshots(places) as servers:
        yield servers


def _attach(
    connection: sqlite3.Connection, databases: Mapping[str, str], servers: "Mapping[str, Snapshot]"
) -> None:
    """Begin to look at all of them at almost one moment; only then copy what is on servers."""
    order = [(name, schema) for name, schema in SCHEMAS.items() if name in databases]
    for name, schema in order:
        file = "" if name in servers else reading(Path(check_url(databases[name]).database or ""))
        connection.execute(f"ATTACH ? AS {schema}", (file,))
    connection.execute("BEGIN")
    for name, schema in order:
        if name in servers:
            servers[name].begin()
        else:
            connection.execute(f"SELECT * FROM {schema}.sqlite_master LIMIT 1").fetchall()
    for name, schema in order:
        if name in servers:
            _copy(connection, name, schema, servers[name])


def _copy(connection: sqlite3.Connection, name: str, schema: str, server: "Snapshot") -> None:
    from bookstore.cli.verify.copied import copy  # noqa: PLC0415 — as above

    try:
        server.check_version(migrations(name))
    except NewerDataError as error:
        raise CommandError(
            f"The database of {name} was written by a newer bookstore ({error}): use that version."
        ) from error
    copy(connection, schema, server)


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
