"""Lists of payments: one statement for each shape of question, compiled once."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from bookstore.kit import cursor
from bookstore.kit.database import Prepared, Session, prepare
from bookstore.payment.application.ports import PaymentQuery
from bookstore.payment.outbound.tables import PAYMENT

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "user_id": PAYMENT.c.user_id == bindparam("user_id"),
    "order_id": PAYMENT.c.order_id == bindparam("order_id"),
    "status": PAYMENT.c.status == bindparam("status"),
    "created_from": PAYMENT.c.created_at >= bindparam("created_from"),
    "created_to": PAYMENT.c.created_at < bindparam("created_to"),
}


def page(session: Session, query: PaymentQuery) -> tuple[int, list[Any], str | None]:
    """Return how many payments there are, a page of rows, and where the next one begins."""
    if query.cursor is not None and query.offset:
        raise cursor.CursorInvalidError
    wanted = asdict(query)
    values = {name: wanted[name] for name in _FILTERS if wanted[name] is not None}
    if "status" in values:
        values["status"] = values["status"].value
    filters = frozenset(values)
    total = session.run(_total(filters), **values).scalar()
    asked = [
        "payments",
        sorted((k, str(v)) for k, v in values.items()),
        query.sort,
        query.descending,
    ]
    place = {} if query.cursor is None else _place(query.sort, cursor.decode(asked, query.cursor))
    statement = _rows(filters, query.sort, descending=query.descending, resumed=bool(place))
    rows = session.run(
        statement, **values, **place, limit=query.limit + 1, offset=query.offset
    ).rows
    if len(rows) <= query.limit:
        return total, rows, None
    last = rows[query.limit - 1]
    key = getattr(last, query.sort)
    if isinstance(key, datetime):
        key = (key - _EPOCH) // _MICROSECOND
    return total, rows[: query.limit], cursor.encode(asked, [key, str(last.id)])


def _place(sort: str, last: list[Any]) -> dict[str, object]:
    """Return the bound values of the row where the page before ended."""
    try:
        key, row_id = last
        key = _EPOCH + key * _MICROSECOND if sort == "created_at" else int(key)
        return {"last_key": key, "last_id": UUID(row_id)}
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise cursor.CursorInvalidError from error


@cache
def _total(filters: frozenset[str]) -> Prepared:
    return prepare(
        select(func.count()).select_from(PAYMENT).where(*(_FILTERS[name] for name in filters))
    )


@cache
def _rows(filters: frozenset[str], sort: str, *, descending: bool, resumed: bool) -> Prepared:
    key, row_id = PAYMENT.c[sort], PAYMENT.c.id
    found = select(PAYMENT).where(*(_FILTERS[name] for name in filters))
    if resumed:
        last_key = bindparam("last_key", type_=key.type)
        last_id = bindparam("last_id", type_=row_id.type)
        after = (
            or_(key < last_key, and_(key == last_key, row_id < last_id))
            if descending
            else or_(key > last_key, and_(key == last_key, row_id > last_id))
        )
        found = found.where(after)
    order = (key.desc(), row_id.desc()) if descending else (key.asc(), row_id.asc())
    return prepare(found.order_by(*order).limit(bindparam("limit")).offset(bindparam("offset")))
