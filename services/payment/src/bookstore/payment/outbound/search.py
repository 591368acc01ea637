"""Lists of payments: one statement for each shape of question, compiled once."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from bookstore.kit import cursor
from bookstore.kit.database import Prepared, Session, prepare
from bookstore.payment.application.ports import PaymentQuery
from bookstore.payment.outbound.tables import PAYMENT

_KEYS: Mapping[str, type[datetime | int]] = {"created_at": datetime, "amount": int}

_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "user_id": PAYMENT.c.user_id == bindparam("user_id"),
    "order_id": PAYMENT.c.order_id == bindparam("order_id"),
    "status": PAYMENT.c.status == bindparam("status"),
    "created_from": PAYMENT.c.created_at >= bindparam("created_from"),
    "created_to": PAYMENT.c.created_at < bindparam("created_to"),
}


def page(session: Session, query: PaymentQuery) -> tuple[int, list[Any], str | None]:
    """Return how many payments there are, a page of rows, and where the next one begins."""
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
    place = {}
    if query.cursor is not None:
        key, row_id = cursor.decode(asked, query.cursor, _KEYS[query.sort], UUID)
        place = {"last_key": key, "last_id": row_id}
    statement = _rows(filters, query.sort, descending=query.descending, resumed=bool(place))
    rows = session.run(
        statement, **values, **place, limit=query.limit + 1, offset=query.offset
    ).rows
    if len(rows) <= query.limit:
        return total, rows, None
    last = rows[query.limit - 1]
    return total, rows[: query.limit], cursor.encode(asked, getattr(last, query.sort), last.id)


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
