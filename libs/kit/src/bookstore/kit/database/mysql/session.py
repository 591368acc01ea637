"""Statements on a connection to MariaDB or MySQL."""

from collections.abc import Iterable, Mapping
from typing import Any

import pymysql

from bookstore.kit.database.mysql.connection import DIALECT, Connection
from bookstore.kit.database.mysql.failures import translate
from bookstore.kit.database.statement import Prepared, Result, Session
from bookstore.kit.errors import UnavailableError

_COLUMNS = """
    SELECT column_name FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name = %s AND index_name = %s
    ORDER BY seq_in_index
"""


class MysqlSession(Session):
    """A connection's statements; `broken` is why the transaction it is in can only be undone."""

    __slots__ = ("_cursor", "broken")

    def __init__(self, connection: Connection) -> None:
        self._cursor = connection.cursor()
        self.broken: UnavailableError | None = None

    def begin(self) -> None:
        """Forget how the unit before ended."""
        self.broken = None

    def run(self, prepared: Prepared, /, **values: Any) -> Result:
        """Run a prepared statement; raises a Violation, StorageFullError or UnavailableError."""
        form = prepared.form(DIALECT)
        cursor = self._cursor
        try:
            cursor.execute(form.sql, form.bind(values))
            rows = form.fetch(cursor) if form.row is not None else []
        except pymysql.Error as error:
            raise self._translated(error, prepared) from error
        return Result(rows, cursor.rowcount, cursor.lastrowid or 0)

    def run_many(self, prepared: Prepared, rows: Iterable[Mapping[str, Any]]) -> int:
        """Run a prepared statement once per row; return how many rows it changed."""
        form = prepared.form(DIALECT)
        try:
            return self._cursor.executemany(form.sql, [form.bind(row) for row in rows]) or 0
        except pymysql.Error as error:
            raise self._translated(error, prepared) from error

    def _translated(self, error: pymysql.Error, prepared: Prepared) -> Exception:
        """Return our word for the error, and remember it if it undoes the whole unit."""
        word = translate(error, lambda key: self._columns(prepared, key))
        if isinstance(word, UnavailableError):
            self.broken = word
        return word

    def _columns(self, prepared: Prepared, key: str) -> str:
        """Return the columns of a key as SQLite names them: `point.customer_id, point.id`."""
        table = prepared.statement.table.name  # type: ignore[attr-defined]  # only writing violates a key
        self._cursor.execute(_COLUMNS, (table, key))
        return ", ".join(f"{table}.{column}" for (column,) in self._cursor.fetchall())
