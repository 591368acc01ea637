"""Stocking many books at once: what is there already is left as it is, so repeats are safe."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bookstore.inventory.application.create_stock import (
    refuse_unknown_books,
    refuse_unknown_warehouses,
)
from bookstore.inventory.application.ports import BookList, Inventory
from bookstore.inventory.domain.stock import BookId, Cause, Draft
from bookstore.inventory.domain.warehouse import Warehouse, described
from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact

DEFAULT_WAREHOUSE = "Main warehouse"


@dataclass(frozen=True, slots=True)
class CreateStocks:
    """Creates the rows that are missing, for staff; asks catalog whether we sell the books."""

    transact: Transact[Inventory]
    books: BookList
    clock: Clock

    async def __call__(self, drafts: Sequence[Draft], *, by: UUID) -> int:
        """Return how many were created; raises UnknownBookError or UnknownWarehouseError."""
        await refuse_unknown_books(self.books, drafts, "/items/{}")

        def create(inventory: Inventory) -> int:
            refuse_unknown_warehouses(inventory, drafts, "/items/{}")
            return len(inventory.stocks.add_missing(drafts, Cause(by=by), self.clock.now()))

        return await self.transact(create)


@dataclass(frozen=True, slots=True)
class StockBooks:
    """Stocks books that are stocked nowhere yet, for catalog, which knows its books."""

    transact: Transact[Inventory]
    clock: Clock

    async def __call__(self, copies: Sequence[tuple[BookId, int]], warehouse: str) -> set[BookId]:
        """Return which books were stocked now, in the warehouse of that name or the first."""

        def stock(inventory: Inventory) -> set[BookId]:
            stocked = {f.book_id for f in inventory.stocks.figures({book for book, _ in copies})}
            fresh = [(book, count) for book, count in copies if book not in stocked]
            if not fresh:
                return set()
            place = self._place(inventory, warehouse)
            drafts = [
                Draft(book_id=book, warehouse_id=place.id, quantity=count) for book, count in fresh
            ]
            added = inventory.stocks.add_missing(drafts, Cause(), self.clock.now())
            return {draft.book_id for draft in added}

        return await self.transact(stock)

    def _place(self, inventory: Inventory, name: str) -> Warehouse:
        found = inventory.warehouses.first(name or None)
        if found is not None:
            return found
        return inventory.warehouses.add(
            described(name or DEFAULT_WAREHOUSE, None, None), self.clock.now()
        )
