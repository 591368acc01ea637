"""Orders in a SQL database."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from bookstore.kit.database import Session, among, prepare
from bookstore.kit.money import Money
from bookstore.order.application.ports import Orders, Page, Search
from bookstore.order.domain.address import ShippingAddress
from bookstore.order.domain.basket import BookId, Line
from bookstore.order.domain.order import (
    OPEN,
    Order,
    OrderId,
    OrderNotFoundError,
    Status,
    UserId,
)
from bookstore.order.outbound.search import counted, found, parameters
from bookstore.order.outbound.tables import ITEM, ORDER

_GIVEN = [column.name for column in ORDER.c if column.name != "serial"]
_ADD = prepare(insert(ORDER).values({name: bindparam(name) for name in _GIVEN}))
_ADD_ITEM = prepare(insert(ITEM).values({c.name: bindparam(c.name) for c in ITEM.c}))
_GET = prepare(select(ORDER).where(ORDER.c.id == bindparam("id")))
_HOLD = prepare(select(ORDER).where(ORDER.c.id == bindparam("id")).with_for_update())
_SAVE = prepare(
    update(ORDER)
    .where(ORDER.c.serial == bindparam("kept"))
    .values(
        {
            name: bindparam(name)
            for name in ("number", "status", "cancel_requested", "reason", "updated_at", "version")
        }
    )
)
_ITEMS = prepare(
    select(ITEM).where(ITEM.c.order_serial == bindparam("order_serial")).order_by(ITEM.c.position)
)
_ITEMS_OF_ALL = prepare(
    select(ITEM)
    .where(among(ITEM.c.order_serial, "serials"))
    .order_by(ITEM.c.order_serial, ITEM.c.position)
)
_COUNT_OPEN = prepare(
    select(func.count())
    .select_from(ORDER)
    .where(ORDER.c.user_id == bindparam("user_id"), among(ORDER.c.status, "open"))
)
_EVER_ORDERED = prepare(select(ITEM.c.book_id).where(among(ITEM.c.book_id, "book_ids")).distinct())


class SqlOrders(Orders):
    """The tables of orders, as one transaction sees them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, order: Order) -> None:
        address = order.shipping_address
        values: dict[str, Any] = {
            "id": order.id,
            "user_id": order.user_id,
            "total": order.total.amount,
            "currency": order.total.currency,
            "shipping_address": None if address is None else msgspec.to_builtins(address),
            "created_at": order.created_at,
        }
        added = self._session.run(_ADD, **values, **_changing(order))
        order.serial = added.inserted_id
        self._session.run_many(_ADD_ITEM, _item_rows(order))

    def get(self, order_id: OrderId) -> Order:
        row = self._session.run(_GET, id=order_id).one_or_none()
        return self._whole(row, order_id)

    def hold(self, order_id: OrderId) -> Order:
        row = self._session.run(_HOLD, id=order_id).one_or_none()
        return self._whole(row, order_id)

    def save(self, order: Order) -> None:
        self._session.run(_SAVE, kept=order.serial, **_changing(order))

    def search(self, search: Search) -> Page:
        values = parameters(search)
        total = self._session.run(counted(search), **values).scalar()
        rows = self._session.run(found(search), **values).rows
        more = len(rows) > search.limit
        return Page(total, self._all(rows[: search.limit]), more)

    def count_open(self, user_id: UserId) -> int:
        open_ = [status.value for status in OPEN]
        return int(self._session.run(_COUNT_OPEN, user_id=user_id, open=open_).scalar())

    def ever_ordered(self, book_ids: Collection[BookId]) -> Sequence[BookId]:
        rows = self._session.run(_EVER_ORDERED, book_ids=list(book_ids))
        return [BookId(row.book_id) for row in rows]

    def _whole(self, row: Any, order_id: OrderId) -> Order:  # noqa: ANN401 — a row
        if row is None:
            raise OrderNotFoundError(order_id)
        return _order(row, self._session.run(_ITEMS, order_serial=row.serial))

    def _all(self, rows: Sequence[Any]) -> Sequence[Order]:
        items: dict[int, list[Any]] = {row.serial: [] for row in rows}
        for item in self._session.run(_ITEMS_OF_ALL, serials=list(items)):
            items[item.order_serial].append(item)
        return [_order(row, items[row.serial]) for row in rows]


def _changing(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "status": order.status.value,
        "cancel_requested": order.cancel_requested,
        "reason": order.reason,
        "updated_at": order.updated_at,
        "version": order.version,
    }


def _item_rows(order: Order) -> Iterable[dict[str, Any]]:
    for position, line in enumerate(order.lines):
        yield {
            "order_serial": order.serial,
            "position": position,
            "book_id": line.book_id,
            "title": line.title,
            "quantity": line.quantity,
            "unit_price": line.unit_price.amount,
            "request_index": line.index,
        }


def _order(row: Any, items: Iterable[Any]) -> Order:  # noqa: ANN401 — a row
    address = row.shipping_address
    return Order(
        id=row.id,
        user_id=row.user_id,
        lines=tuple(
            Line(
                book_id=BookId(item.book_id),
                title=item.title,
                quantity=item.quantity,
                unit_price=Money(item.unit_price, row.currency),
                index=item.request_index,
            )
            for item in items
        ),
        total=Money(row.total, row.currency),
        created_at=row.created_at,
        updated_at=row.updated_at,
        shipping_address=None if address is None else ShippingAddress(**address),
        serial=row.serial,
        number=row.number,
        status=Status(row.status),
        cancel_requested=row.cancel_requested,
        reason=row.reason,
        version=row.version,
    )
