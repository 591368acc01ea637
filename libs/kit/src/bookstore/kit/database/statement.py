"""Statements compiled once and run on the driver.

SQLAlchemy describes tables and statements; executing each call through it would double the cost
of a read by key (docs/adr/0004), so a statement is compiled once per dialect, and what is left at
run time is the driver, the column types and a named tuple.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Executable, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Boolean, Text, TypeDecorator, TypeEngine

from bookstore.kit.database.failures import translate
from bookstore.kit.database.types import Json

Convert = Callable[[Any], Any]


class Prepared:
    """A Core statement, compiled for each dialect when it is first run there."""

    __slots__ = ("_forms", "statement")

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._forms: dict[str, _Form] = {}

    def form(self, dialect: Dialect) -> "_Form":
        """Return what to send to a database of this dialect."""
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _Form(self.statement, dialect)
        return form


def prepare(statement: Executable) -> Prepared:
    """Prepare a statement; each value that changes from run to run is a `bindparam`."""
    return Prepared(statement)


class Result:
    """What a statement did: its rows as named tuples, or how many rows it changed."""

    __slots__ = ("inserted_id", "rowcount", "rows")

    def __init__(self, rows: list[Any], rowcount: int, inserted_id: int) -> None:
        self.rows = rows
        self.rowcount = rowcount
        self.inserted_id = inserted_id

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def one(self) -> Any:
        """Return the only row; raises ValueError if there is none, or another."""
        (row,) = self.rows
        return row

    def one_or_none(self) -> Any:
        """Return the only row, or None; raises ValueError if there are several."""
        if not self.rows:
            return None
        return self.one()

    def scalar(self) -> Any:
        """Return the first value of the first row, or None."""
        return self.rows[0][0] if self.rows else None


class Session:
    """A connection's statements, within the transaction of one unit of work."""

    __slots__ = ("_connection", "_dialect")

    def __init__(self, connection: sqlite3.Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect

    def run(self, prepared: Prepared, /, **values: Any) -> Result:
        """Run a prepared statement; raises a Violation, StorageFullError or UnavailableError."""
        form = prepared.form(self._dialect)
        try:
            cursor = self._connection.execute(form.sql, form.bind(values))
            rows = form.fetch(cursor) if form.row is not None else []
        except sqlite3.Error as error:
            raise translate(error) from error
        return Result(rows, cursor.rowcount, cursor.lastrowid or 0)

    def run_many(self, prepared: Prepared, rows: Iterable[Mapping[str, Any]]) -> int:
        """Run a prepared statement once per row; return how many rows it changed."""
        form = prepared.form(self._dialect)
        try:
            return self._connection.executemany(form.sql, map(form.bind, rows)).rowcount
        except sqlite3.Error as error:
            raise translate(error) from error


class _Form:
    """One dialect's SQL of a statement, and how values go in and come out."""

    __slots__ = ("_constants", "_inward", "_names", "_outward", "row", "sql")

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every Core statement has it
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 — for the type checker
        known = compiled.construct_params(_check=False)
        # Lists that stand in the statement are written out; SQLAlchemy has no public way to.
        written = compiled._process_parameters_for_postcompile(known)  # noqa: SLF001
        self.sql = written.statement
        self._names: Sequence[str] = written.positiontup or ()
        processors = {**compiled._bind_processors, **written.processors}  # noqa: SLF001
        self._inward: list[Any] = [processors.get(name) for name in self._names]
        known = {**known, **written.additional_parameters}
        self._constants = {
            name: known[name]
            for name in self._names
            if name not in compiled.binds or not compiled.binds[name].required
        }
        columns = compiled._result_columns  # noqa: SLF001 — likewise
        self._outward = [column.type._cached_result_processor(dialect, None) for column in columns]  # noqa: SLF001
        self.row: Any = (
            namedtuple("Row", [column.keyname for column in columns], rename=True)  # noqa: PYI024 — made at run time
            if columns
            else None
        )

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        constants = self._constants
        return [
            value if convert is None else convert(value)
            for convert, value in zip(
                self._inward,
                [values[n] if n in values else constants[n] for n in self._names],
                strict=True,
            )
        ]

    def fetch(self, cursor: Any) -> list[Any]:
        make = self.row._make
        outward = self._outward
        if not any(outward):
            return list(map(make, cursor.fetchall()))
        return [
            make(
                value if convert is None else convert(value)
                for convert, value in zip(outward, row, strict=True)
            )
            for row in cursor.fetchall()
        ]


class among(ColumnElement[bool]):  # noqa: N801 — reads like SQL
    """`column IN (…)` with the whole list as one parameter, so that it is compiled once."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], parameter: str) -> None:
        self.column = column
        self.parameter = bindparam(parameter, type_=Json())

    def self_group(self, against: Any = None) -> "among":  # noqa: ARG002 — as it is inherited
        """Stay as it is: a comparison `= 1` around it would keep SQLite from using an index."""
        return self


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    document = compiler.process(element.parameter)
    return f"{column} IN (SELECT value FROM json_each({document}))"  # noqa: S608 — no value in it


@compiles(among, "mysql", "mariadb")
def _among_mysql(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    listed = bindparam(element.parameter.key, type_=_Listed(element.column.type))
    return f"{column} IN {compiler.process(listed)}"


class _Listed(TypeDecorator[Any]):
    """Values that the driver writes into the statement as a list, `(1, 2)`."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def process_bind_param(self, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        convert = self.item._cached_bind_processor(dialect)  # noqa: SLF001 — it has no public name
        return tuple(value if convert is None else map(convert, value)) or (None,)
