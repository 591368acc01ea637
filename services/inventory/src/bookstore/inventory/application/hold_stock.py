"""What an order does with stock: it reserves copies, then ships them or lets them go.

Each is a unit of work for the saga's inbox, which makes it happen once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bookstore.inventory.application.ports import Inventory
from bookstore.inventory.domain.allocation import Line, Shortage, allocate
from bookstore.inventory.domain.reservation import Status
from bookstore.inventory.domain.stock import Cause, Change, OrderId, Stock
from bookstore.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class ReserveStock:
    """Holds every line of an order, or none; what was missing is written down."""

    clock: Clock

    def __call__(
        self, inventory: Inventory, order_id: OrderId, lines: Sequence[Line]
    ) -> Sequence[Shortage]:
        """Return the lines that cannot be filled: none if all is reserved."""
        now = self.clock.now()
        stocks = inventory.stocks.locked_of({line.book_id for line in lines})
        allocation = allocate(order_id, lines, stocks, now)
        if allocation.shortages:
            inventory.shortages.record(allocation.shortages, now)
        else:
            inventory.stocks.change(allocation.changes)
            inventory.reservations.hold(allocation.changes, now)
        return allocation.shortages


@dataclass(frozen=True, slots=True)
class ReleaseStock:
    """Puts what an order holds back on sale, if it holds anything."""

    clock: Clock

    def __call__(self, inventory: Inventory, order_id: OrderId) -> None:
        """Do it; an order that holds nothing is fine."""
        _settle(inventory, order_id, Status.RELEASED, Stock.released, self.clock.now())


@dataclass(frozen=True, slots=True)
class ShipStock:
    """Sends off what an order holds."""

    clock: Clock

    def __call__(self, inventory: Inventory, order_id: OrderId) -> None:
        """Do it; an order that holds nothing is fine."""
        _settle(inventory, order_id, Status.SHIPPED, Stock.shipped, self.clock.now())


def _settle(
    inventory: Inventory,
    order_id: OrderId,
    status: Status,
    move: Callable[[Stock, int, Cause, datetime], Change],
    at: datetime,
) -> None:
    held = inventory.reservations.held(order_id)
    if not held:
        return
    rows = {stock.id: stock for stock in inventory.stocks.locked({r.stock_id for r in held})}
    changes: list[Change] = []
    for reservation in held:
        row = rows[reservation.stock_id]
        change = move(row, reservation.quantity, Cause(order_id=order_id), at)
        rows[row.id] = change.after
        changes.append(change)
    inventory.stocks.change(changes)
    inventory.reservations.settle(order_id, status, at)
