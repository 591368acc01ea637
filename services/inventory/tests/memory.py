"""Inventory in memory: the fake of every port, for tests; nothing is ever rolled back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bookstore.inventory.application import ports
from bookstore.inventory.application.ports import AnswerT, Key, Page, Slice
from bookstore.inventory.domain.allocation import Shortage
from bookstore.inventory.domain.reservation import Reservation, ReservationId, Status
from bookstore.inventory.domain.stock import (
    BookId,
    Change,
    OrderId,
    WarehouseId,
)
from bookstore.inventory.domain.warehouse import (
    Description,
    Warehouse,
    WarehouseInUseError,
    WarehouseNotFoundError,
)
from bookstore.kit.errors import IdempotencyKeyReusedError, VersionMismatchError
from bookstore.kit.text import fold
from bookstore.saga.memory import MemoryInbox
from services.inventory.tests.memory_stocks import MemoryLedger, MemoryStocks, matches, page


class MemoryReservations(ports.Reservations):
    def __init__(self) -> None:
        self.rows: list[Reservation] = []

    def hold(self, changes: Sequence[Change], at: datetime) -> None:
        for change in changes:
            assert change.cause.order_id is not None
            reservation = Reservation(
                id=ReservationId(len(self.rows) + 1),
                order_id=change.cause.order_id,
                stock_id=change.after.id,
                book_id=change.after.book_id,
                warehouse_id=change.after.warehouse_id,
                quantity=change.reserved,
                status=Status.HELD,
                created_at=at,
                updated_at=at,
            )
            self.rows.append(reservation)

    def held(self, order_id: OrderId) -> Sequence[Reservation]:
        held = [r for r in self.rows if r.order_id == order_id and r.status is Status.HELD]
        return sorted(held, key=lambda r: (r.book_id, r.warehouse_id, r.id))

    def settle(self, order_id: OrderId, status: Status, at: datetime) -> None:
        held = self.held(order_id)
        self.rows = [
            replace(row, status=status, updated_at=at) if row in held else row for row in self.rows
        ]

    def search(self, search: ports.ReservationSearch, part: Slice) -> Page[Reservation]:
        found = (r for r in self.rows if matches(r, search, "order_id", "book_id", "status"))
        return page(found, part, lambda reservation: getattr(reservation, part.sort))


class MemoryShortages(ports.Shortages):
    def __init__(self) -> None:
        self.recorded: list[Shortage] = []

    def record(self, shortages: Sequence[Shortage], at: datetime) -> None:  # noqa: ARG002 — nobody asks when
        self.recorded += shortages


class MemoryWarehouses(ports.Warehouses):
    def __init__(self, stocks: MemoryStocks) -> None:
        self._stocks = stocks
        self._rows: dict[WarehouseId, Warehouse] = {}
        self._count = 0

    def add(self, description: Description, at: datetime) -> Warehouse:
        self._count += 1
        warehouse = Warehouse(
            id=WarehouseId(self._count),
            description=description,
            created_at=at,
            updated_at=at,
            version=1,
        )
        self._rows[warehouse.id] = warehouse
        return warehouse

    def get(self, warehouse_id: WarehouseId) -> Warehouse:
        if warehouse_id not in self._rows:
            raise WarehouseNotFoundError("there is no such warehouse")
        return self._rows[warehouse_id]

    def known(self, warehouse_ids: Collection[WarehouseId]) -> set[WarehouseId]:
        return self._rows.keys() & set(warehouse_ids)

    def first(self, name: str | None) -> Warehouse | None:
        named = (w for w in self._rows.values() if name in (None, w.description.name))
        return next(named, None)

    def update(self, warehouse: Warehouse) -> None:
        if self.get(warehouse.id).version != warehouse.version - 1:
            raise VersionMismatchError("it changed meanwhile")
        self._rows[warehouse.id] = warehouse

    def remove(self, warehouse_id: WarehouseId) -> None:
        self.get(warehouse_id)
        if any(stock.warehouse_id == warehouse_id for stock in self._stocks.rows.values()):
            raise WarehouseInUseError("stock lies there")
        del self._rows[warehouse_id]

    def search(self, name: str | None, part: Slice) -> Page[Warehouse]:
        found = (w for w in self._rows.values() if fold(name or "") in fold(w.description.name))
        by_name = part.sort == "name"
        return page(found, part, lambda w: fold(w.description.name) if by_name else w.created_at)


class MemoryKeys(ports.Keys):
    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, str], tuple[object, Any]] = {}

    def once(self, key: Key, effect: Callable[[], AnswerT], kind: type[AnswerT]) -> AnswerT:
        if key.key is None:
            return effect()
        name = (key.owner, key.operation, key.key)
        if name not in self._answers:
            self._answers[name] = (key.request, effect())
        request, answer = self._answers[name]
        if request != key.request:
            raise IdempotencyKeyReusedError("it was used for another request")
        assert isinstance(answer, kind)
        return answer


class MemoryInventory:
    """Everything, as one unit of work sees it."""

    def __init__(self) -> None:
        self.stocks = MemoryStocks()
        self.ledger = MemoryLedger(self.stocks)
        self.reservations = MemoryReservations()
        self.shortages = MemoryShortages()
        self.warehouses = MemoryWarehouses(self.stocks)
        self.keys = MemoryKeys()
        self.inbox = MemoryInbox()


class FixedBooks(ports.BookList):
    """Sells the books it was told of, and no others."""

    def __init__(self, *book_ids: int) -> None:
        self._on_sale = {BookId(book_id) for book_id in book_ids}

    async def unknown(self, book_ids: Collection[BookId]) -> set[BookId]:
        return set(book_ids) - self._on_sale
