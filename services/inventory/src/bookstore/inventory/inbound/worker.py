"""The order sagas' tasks: reserve, release and ship, each once in effect."""

from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from uuid import UUID

from msgspec import Meta

from bookstore.inventory.application.hold_stock import ReleaseStock, ReserveStock, ShipStock
from bookstore.inventory.application.ports import Inventory
from bookstore.inventory.domain.allocation import Line, Shortage
from bookstore.inventory.domain.stock import BookId, OrderId
from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact
from bookstore.saga.inbox import HasInbox
from bookstore.saga.participant import decoded, once
from bookstore.saga.task import Handler, Output, Reject, Task

Positive = Annotated[int, Meta(ge=1)]


class Desk(Inventory, HasInbox, Protocol):
    """Inventory and the inbox, in one transaction."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many copies of a book, as the saga's input says it."""

    book_id: Positive
    quantity: Positive


@dataclass(frozen=True, slots=True)
class Reserve:
    """The input of inventory.reserve."""

    order_id: UUID
    lines: Annotated[tuple[Wanted, ...], Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class Settle:
    """The input of inventory.release and of inventory.ship."""

    order_id: UUID


def tasks(transact: Transact[Desk], clock: Clock) -> dict[str, Handler]:
    """Return inventory's handlers by the names of their tasks."""
    reserve_stock, release_stock, ship_stock = (
        ReserveStock(clock),
        ReleaseStock(clock),
        ShipStock(clock),
    )

    def reserve(desk: Desk, task: Task) -> Output | Reject:
        wanted = decoded(task, Reserve)
        lines = [
            Line(book_id=BookId(line.book_id), quantity=line.quantity) for line in wanted.lines
        ]
        shortages = reserve_stock(desk, OrderId(wanted.order_id), lines)
        if not shortages:
            return {}
        reason = "; ".join(map(_sentence, shortages))
        return Reject("out-of-stock", reason, [_field(shortage) for shortage in shortages])

    def release(desk: Desk, task: Task) -> Output:
        release_stock(desk, OrderId(decoded(task, Settle).order_id))
        return {}

    def ship(desk: Desk, task: Task) -> Output:
        ship_stock(desk, OrderId(decoded(task, Settle).order_id))
        return {}

    return {
        "inventory.reserve": once(transact, reserve),
        "inventory.release": once(transact, release),
        "inventory.ship": once(transact, ship),
    }


def _sentence(shortage: Shortage) -> str:
    if shortage.available == 0:
        return f"book {shortage.book_id} is sold out"
    return f"of book {shortage.book_id}, {shortage.available} are left, not {shortage.asked}"


def _field(shortage: Shortage) -> dict[str, Any]:
    return {
        "pointer": f"/order_items/{shortage.index}/quantity",
        "code": "out-of-stock",
        "message": _sentence(shortage),
        "available": shortage.available,
    }
