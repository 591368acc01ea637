"""Looking at inventory without changing it; each method sees one snapshot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bookstore.inventory.application.ports import (
    Figures,
    Inventory,
    MovementSearch,
    Page,
    ReservationSearch,
    Slice,
    StockSearch,
)
from bookstore.inventory.domain.ledger import Movement, MovementId
from bookstore.inventory.domain.reservation import Reservation
from bookstore.inventory.domain.stock import BookId, Stock, StockId, WarehouseId
from bookstore.inventory.domain.warehouse import Warehouse
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class Look:
    """Finds stock rows, figures, reservations, ledger entries and warehouses."""

    read: Transact[Inventory]

    async def stock(self, stock_id: StockId) -> Stock:
        """Look at a stock row; raises StockNotFoundError."""
        return await self.read(lambda inventory: inventory.stocks.get(stock_id))

    async def stocks(self, search: StockSearch, part: Slice) -> Page[Stock]:
        """List stock rows."""
        return await self.read(lambda inventory: inventory.stocks.search(search, part))

    async def figures(self, book_ids: Collection[BookId]) -> Sequence[Figures]:
        """Sum up the stock of those of the books that are stocked anywhere."""
        return await self.read(lambda inventory: inventory.stocks.figures(book_ids))

    async def reservations(self, search: ReservationSearch, part: Slice) -> Page[Reservation]:
        """List reservations."""
        return await self.read(lambda inventory: inventory.reservations.search(search, part))

    async def movement(self, movement_id: MovementId) -> Movement:
        """Look at an entry of the ledger; raises MovementNotFoundError."""
        return await self.read(lambda inventory: inventory.ledger.get(movement_id))

    async def movements(
        self, search: MovementSearch, part: Slice, after: tuple[datetime, int] | None
    ) -> tuple[Page[Movement], bool]:
        """List entries of the ledger, and say whether there are more after these."""
        one_more = replace(part, limit=part.limit + 1)
        page = await self.read(lambda inventory: inventory.ledger.search(search, one_more, after))
        return Page(page.total, page.items[: part.limit]), len(page.items) > part.limit

    async def warehouse(self, warehouse_id: WarehouseId) -> Warehouse:
        """Look at a warehouse; raises WarehouseNotFoundError."""
        return await self.read(lambda inventory: inventory.warehouses.get(warehouse_id))

    async def warehouses(self, name: str | None, part: Slice) -> Page[Warehouse]:
        """List warehouses whose name contains the text, as people would compare it."""
        return await self.read(lambda inventory: inventory.warehouses.search(name, part))
