"""Things to test with: each builder makes a valid one, and takes what the test is about."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from bookstore.inventory.application.ports import Inventory
from bookstore.inventory.domain.stock import (
    BookId,
    Cause,
    Draft,
    OrderId,
    Stock,
    StockId,
    WarehouseId,
)
from bookstore.inventory.domain.warehouse import Description, Warehouse
from bookstore.saga.task import Kind, Task

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOBBIT, SILMARILLION = BookId(1), BookId(2)
STAFF = UUID("01938a5e-1111-7d3a-8f21-6b1d2c3e4f51")
BY_HAND = Cause(reason="a parcel came", by=STAFF)


def an_order(number: int = 1) -> OrderId:
    return OrderId(UUID(int=number))


def a_stock(quantity: int = 5, reserved: int = 0, *, book: int = HOBBIT, place: int = 1) -> Stock:
    return Stock(
        id=StockId(book * 100 + place),
        book_id=BookId(book),
        warehouse_id=WarehouseId(place),
        quantity=quantity,
        reserved=reserved,
        created_at=NOON,
        updated_at=NOON,
        version=1,
    )


def a_draft(book: int = HOBBIT, place: int = 1, quantity: int = 5) -> Draft:
    return Draft(book_id=BookId(book), warehouse_id=WarehouseId(place), quantity=quantity)


def a_description(name: str = "Main", address: str | None = None) -> Description:
    return Description(name=name, address=address, capacity=None)


def stocking(draft: Draft) -> Callable[[Inventory], Stock]:
    """Return the unit of work that adds a stock row."""
    return lambda inventory: inventory.stocks.add(draft, BY_HAND, NOON)


def building(name: str) -> Callable[[Inventory], Warehouse]:
    """Return the unit of work that adds a warehouse."""
    return lambda inventory: inventory.warehouses.add(a_description(name), NOON)


def a_task(
    step: str, kind: Kind = "do", *, order: int = 1, workflow: str = "", **lines: int
) -> Task:
    """Return a task of the order's saga; `lines` are copies by book, as in `b1=2`."""
    return Task(
        saga_id=f"saga-{order}",
        step=step,
        kind=kind,
        workflow_id=workflow,
        input={
            "order_id": str(an_order(order)),
            "lines": [
                {"book_id": int(name[1:]), "quantity": copies} for name, copies in lines.items()
            ],
        },
    )
