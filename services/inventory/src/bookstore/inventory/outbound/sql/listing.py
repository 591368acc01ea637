"""Lists: which filters are given decides a statement's shape, and each shape is prepared once."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, func, select

from bookstore.inventory.application.ports import Slice
from bookstore.kit.database import Prepared, Result, Session, prepare

_Shape = tuple[frozenset[str], str, bool]


class Listing:
    """A table's lists; `filters` are conditions by the name of their one parameter."""

    def __init__(
        self,
        table: Table,
        filters: Mapping[str, ColumnElement[bool]],
        sorts: Mapping[str, ColumnElement[Any]] | None = None,
    ) -> None:
        self._table = table
        self._filters = filters
        self._sorts = sorts or {}
        self._shape = cache(self._prepare)

    def page(
        self,
        session: Session,
        wanted: Mapping[str, object],
        part: Slice,
        after: tuple[object, int] | None = None,
    ) -> tuple[int, Result]:
        """Return how many rows there are, and those of the slice.

        A filter whose value is None does not filter. `after` is the sort value and the id of
        the last row that was seen: the slice begins behind it.
        """
        given = {name: value for name, value in wanted.items() if value is not None}
        count, rows = self._shape(
            (frozenset(given), part.sort, part.descending), seek=after is not None
        )
        total = session.run(count, **given).scalar()
        if after is not None:
            given["after_value"], given["after_id"] = after
        return total, session.run(rows, **given, limit=part.limit, offset=part.offset)

    def _prepare(self, shape: _Shape, *, seek: bool) -> tuple[Prepared, Prepared]:
        names, sort, descending = shape
        found = select(self._table).where(*(self._filters[name] for name in sorted(names)))
        count = select(func.count()).select_from(found.subquery())
        column = self._sorts.get(sort, self._table.c[sort])
        key = self._table.c.id
        if seek:
            value = bindparam("after_value", type_=column.type)
            last = bindparam("after_id", type_=key.type)
            beyond, behind = (
                (column < value, key < last) if descending else (column > value, key > last)
            )
            found = found.where(beyond | ((column == value) & behind))
        directed = [column.desc(), key.desc()] if descending else [column.asc(), key.asc()]
        rows = found.order_by(*directed).limit(bindparam("limit")).offset(bindparam("offset"))
        return prepare(count), prepare(rows)
