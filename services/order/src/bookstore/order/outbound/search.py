"""The statements that search orders: one per shape of a search, prepared when first needed."""

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, or_, select

from bookstore.kit.database import Prepared, among, prepare
from bookstore.order.application.ports import Search, Sort
from bookstore.order.outbound.tables import ORDER

_SORTED_BY = {Sort.CREATED_AT: ORDER.c.created_at, Sort.TOTAL_PRICE: ORDER.c.total}
_FILTERS: dict[str, ColumnElement[bool]] = {
    "user_id": ORDER.c.user_id == bindparam("user_id"),
    "statuses": among(ORDER.c.status, "statuses"),
    "since": ORDER.c.created_at >= bindparam("since"),
    "until": ORDER.c.created_at < bindparam("until"),
}


def counted(search: Search) -> Prepared:
    """Return the statement that counts the orders on all pages."""
    return _counted(_present(search))


def found(search: Search) -> Prepared:
    """Return the statement that finds a page of orders, and whether one more follows."""
    return _found(_present(search), search.sort, search.ascending, search.after is not None)


def parameters(search: Search) -> dict[str, Any]:
    """Return the values for either statement."""
    values: dict[str, Any] = {name: getattr(search, name) for name in _present(search)}
    if search.statuses:
        values["statuses"] = [status.value for status in search.statuses]
    if search.after is not None:
        values["last"], values["last_id"] = search.after
    return values | {"limit": search.limit + 1, "offset": search.offset}


def _present(search: Search) -> tuple[str, ...]:
    return tuple(name for name in _FILTERS if getattr(search, name))


@cache
def _counted(filters: tuple[str, ...]) -> Prepared:
    conditions = [_FILTERS[name] for name in filters]
    return prepare(select(func.count()).select_from(ORDER).where(*conditions))


@cache
def _found(filters: tuple[str, ...], sort: Sort, ascending: bool, follows: bool) -> Prepared:  # noqa: FBT001 — parts of a cache key
    key: ColumnElement[Any] = _SORTED_BY[sort]
    last: BindParameter[Any] = bindparam("last")
    last_id: BindParameter[Any] = bindparam("last_id")
    conditions = [_FILTERS[name] for name in filters]
    if follows and ascending:
        conditions.append(or_(key > last, and_(key == last, ORDER.c.id > last_id)))
    elif follows:
        conditions.append(or_(key < last, and_(key == last, ORDER.c.id < last_id)))
    order = (key.asc(), ORDER.c.id.asc()) if ascending else (key.desc(), ORDER.c.id.desc())
    statement = select(ORDER).where(*conditions).order_by(*order)
    return prepare(statement.limit(bindparam("limit")).offset(bindparam("offset")))
