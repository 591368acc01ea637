"""What orders hold, and why orders were turned away."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bookstore.inventory.application.ports import (
    Page,
    Reservations,
    ReservationSearch,
    Shortages,
    Slice,
)
from bookstore.inventory.domain.allocation import Shortage
from bookstore.inventory.domain.reservation import MOVABLE, Reservation, ReservationId, Status
from bookstore.inventory.domain.stock import BookId, Change, OrderId, StockId, WarehouseId
from bookstore.inventory.outbound.sql.listing import Listing
from bookstore.inventory.outbound.tables import RESERVATION, SHORTAGE
from bookstore.kit.database import Session, prepare


class SqlReservations(Reservations):
    """The table `reservation`, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def hold(self, changes: Sequence[Change], at: datetime) -> None:
        self._session.run_many(
            _INSERT,
            [
                {
                    "order_id": change.cause.order_id,
                    "stock_id": change.after.id,
                    "book_id": change.after.book_id,
                    "warehouse_id": change.after.warehouse_id,
                    "quantity": change.reserved,
                    "status": Status.HELD.value,
                    "created_at": at,
                    "updated_at": at,
                }
                for change in changes
            ],
        )

    def held(self, order_id: OrderId) -> Sequence[Reservation]:
        return [_reservation(row) for row in self._session.run(_HELD, order=order_id)]

    def settle(self, order_id: OrderId, status: Status, at: datetime) -> None:
        self._session.run(_SETTLE, order=order_id, now=status.value, at=at)

    def search(self, search: ReservationSearch, part: Slice) -> Page[Reservation]:
        wanted = {
            "order": search.order_id,
            "book": search.book_id,
            "what": search.status and search.status.value,
        }
        total, rows = _LIST.page(self._session, wanted, part)
        return Page(total, [_reservation(row) for row in rows])


class SqlShortages(Shortages):
    """The table `shortage`, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(self, shortages: Sequence[Shortage], at: datetime) -> None:
        self._session.run_many(
            _RECORD,
            [
                {
                    "order_id": shortage.order_id,
                    "book_id": shortage.book_id,
                    "asked": shortage.asked,
                    "available": shortage.available,
                    "created_at": at,
                }
                for shortage in shortages
            ],
        )


_OF_ORDER = (
    RESERVATION.c.order_id == bindparam("order"),
    RESERVATION.c.status.in_(sorted(status.value for status in MOVABLE)),
)
_INSERT = prepare(
    insert(RESERVATION).values(
        {c: bindparam(c.name) for c in RESERVATION.c if c is not RESERVATION.c.id}
    )
)
_HELD = prepare(
    select(RESERVATION)
    .where(*_OF_ORDER)
    .order_by(RESERVATION.c.book_id, RESERVATION.c.warehouse_id, RESERVATION.c.id)
    .with_for_update()
)
_SETTLE = prepare(
    update(RESERVATION)
    .where(*_OF_ORDER)
    .values(status=bindparam("now"), updated_at=bindparam("at"))
)
_RECORD = prepare(
    insert(SHORTAGE).values({c: bindparam(c.name) for c in SHORTAGE.c if c is not SHORTAGE.c.id})
)
_LIST = Listing(
    RESERVATION,
    {
        "order": RESERVATION.c.order_id == bindparam("order"),
        "book": RESERVATION.c.book_id == bindparam("book"),
        "what": RESERVATION.c.status == bindparam("what"),
    },
)


def _reservation(row: Any) -> Reservation:  # noqa: ANN401 — a row's type is made at run time
    return Reservation(
        id=ReservationId(row.id),
        order_id=OrderId(row.order_id),
        stock_id=StockId(row.stock_id),
        book_id=BookId(row.book_id),
        warehouse_id=WarehouseId(row.warehouse_id),
        quantity=row.quantity,
        status=Status(row.status),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
