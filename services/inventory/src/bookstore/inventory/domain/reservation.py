"""A reservation: copies from a stock row that an order holds until they are shipped or let go."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bookstore.inventory.domain.stock import BookId, OrderId, StockId, WarehouseId

ReservationId = NewType("ReservationId", int)


class Status(StrEnum):
    """What became of a reservation."""

    HELD = "held"
    RELEASED = "released"
    SHIPPED = "shipped"


# Every move there is; what was released or shipped stays so.
MOVES = {
    Status.HELD: {
        Status.SHIPPED,  # the parcel left
        Status.RELEASED,  # the order was cancelled, or never came about
    },
    Status.SHIPPED: set(),
    Status.RELEASED: set(),
}
MOVABLE = frozenset(status for status, moves in MOVES.items() if moves)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Copies that an order holds or held; a line may have several, from several warehouses."""

    id: ReservationId
    order_id: OrderId
    stock_id: StockId
    book_id: BookId
    warehouse_id: WarehouseId
    quantity: int
    status: Status
    created_at: datetime
    updated_at: datetime
