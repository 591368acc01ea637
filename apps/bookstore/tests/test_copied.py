"""What a server holds arrives as it is, whatever it is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

from bookstore.cli.verify.copied import copy
from bookstore.kit.database.mysql import Column, Snapshot, Table

COLUMNS = [
    Column("id", "bigint"),
    Column("made_at", "datetime"),
    Column("picture", "longblob"),
    Column("name", "varchar"),
]
ROWS = [(1, 1764072000123456, b"\x00", "007"), (1, None, None, "🦉"), (None, 0, b"", None)]


class Server:
    """A server with one table, in which a key is there twice and another missing."""

    def tables(self) -> list[Table]:
        return [Table("thing", COLUMNS, [["id"], ["name", "id"]])]

    def rows(self, table: Table) -> Iterator[tuple[Any, ...]]:
        assert table.name == "thing"
        return iter(ROWS)


def test_rows_arrive_as_they_are_and_are_quickly_found() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("ATTACH '' AS shop")
        copy(connection, "shop", cast("Snapshot", Server()))

        assert connection.execute("SELECT * FROM shop.thing").fetchall() == ROWS
        kinds = [kind for _, _, kind, *_ in connection.execute("PRAGMA shop.table_info(thing)")]
        assert kinds == ["INTEGER", "INTEGER", "BLOB", "TEXT"]
        (plan,) = connection.execute("EXPLAIN QUERY PLAN SELECT * FROM shop.thing WHERE name = ''")
        assert "thing_1" in plan[-1]
