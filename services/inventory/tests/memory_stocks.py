"""Stock rows and their ledger in memory: fakes for tests."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from bookstore.inventory.application import ports
from bookstore.inventory.application.ports import Figures, Page, Slice
from bookstore.inventory.domain.ledger import Movement, MovementId, MovementNotFoundError
from bookstore.inventory.domain.stock import (
    BookId,
    Cause,
    Change,
    Draft,
    Kind,
    Stock,
    StockExistsError,
    StockId,
    StockNotFoundError,
)
from bookstore.inventory.outbound.sql.stocks import StockMovedError

ItemT = TypeVar("ItemT")


def page(items: Iterable[ItemT], part: Slice, value: Callable[[ItemT], Any]) -> Page[ItemT]:
    """Sort by the value and the id, then cut."""
    found: list[Any] = list(items)
    found.sort(key=lambda item: (value(item), item.id), reverse=part.descending)
    return Page(len(found), found[part.offset : part.offset + part.limit])


def matches(item: object, search: object, *names: str) -> bool:
    return all(getattr(search, n) in (None, getattr(item, n)) for n in names)


class MemoryStocks(ports.Stocks):
    def __init__(self) -> None:
        self.rows: dict[StockId, Stock] = {}
        self.movements: list[Movement] = []
        self.count = 0

    def add(self, draft: Draft, cause: Cause, at: datetime) -> Stock:
        if self._pair(draft) is not None:
            raise StockExistsError("there is a row already")
        self.count += 1
        stock = Stock(
            id=StockId(self.count),
            **asdict(draft),
            reserved=0,
            created_at=at,
            updated_at=at,
            version=1,
        )
        self.rows[stock.id] = stock
        self._record(Kind.STOCKED, stock, stock.quantity, 0, cause)
        return stock

    def add_missing(self, drafts: Sequence[Draft], cause: Cause, at: datetime) -> Sequence[Draft]:
        added = []
        for draft in drafts:
            if self._pair(draft) is None:
                self.add(draft, cause, at)
                added.append(draft)
        return added

    def get(self, stock_id: StockId) -> Stock:
        if stock_id not in self.rows:
            raise StockNotFoundError("there is no such row")
        return self.rows[stock_id]

    def locked(self, stock_ids: Collection[StockId]) -> Sequence[Stock]:
        return self._in_order(stock for stock in self.rows.values() if stock.id in stock_ids)

    def locked_of(self, book_ids: Collection[BookId]) -> Sequence[Stock]:
        return self._in_order(stock for stock in self.rows.values() if stock.book_id in book_ids)

    def change(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if self.rows.get(change.before.id) != change.before:
                raise StockMovedError("it changed meanwhile")
            self.rows[change.after.id] = change.after
            self._note(change)

    def remove(self, change: Change) -> None:
        if self.rows.get(change.before.id) != change.before:
            raise StockMovedError("it changed meanwhile")
        del self.rows[change.before.id]
        self._note(change)

    def search(self, search: ports.StockSearch, part: Slice) -> Page[Stock]:
        found = (s for s in self.rows.values() if matches(s, search, "book_id", "warehouse_id"))
        return page(found, part, lambda stock: getattr(stock, part.sort))

    def figures(self, book_ids: Collection[BookId]) -> Sequence[Figures]:
        return [
            Figures(
                book_id=book_id,
                quantity=sum(stock.quantity for stock in rows),
                reserved=sum(stock.reserved for stock in rows),
            )
            for book_id in sorted(set(book_ids))
            if (rows := self.locked_of([book_id]))
        ]

    def _pair(self, draft: Draft) -> Stock | None:
        return next(
            (
                stock
                for stock in self.rows.values()
                if matches(stock, draft, "book_id", "warehouse_id")
            ),
            None,
        )

    def _in_order(self, stocks: Iterable[Stock]) -> list[Stock]:
        return sorted(stocks, key=lambda stock: (stock.book_id, stock.warehouse_id))

    def _note(self, change: Change) -> None:
        self._record(change.kind, change.after, change.quantity, change.reserved, change.cause)

    def _record(self, kind: Kind, after: Stock, quantity: int, reserved: int, why: Cause) -> None:
        movement = Movement(
            id=MovementId(len(self.movements) + 1),
            stock_id=after.id,
            book_id=after.book_id,
            warehouse_id=after.warehouse_id,
            kind=kind,
            quantity=quantity,
            reserved=reserved,
            quantity_after=after.quantity,
            reserved_after=after.reserved,
            cause=why,
            created_at=after.updated_at,
        )
        self.movements.append(movement)


class MemoryLedger(ports.Ledger):
    def __init__(self, stocks: MemoryStocks) -> None:
        self._movements = stocks.movements

    def get(self, movement_id: MovementId) -> Movement:
        for movement in self._movements:
            if movement.id == movement_id:
                return movement
        raise MovementNotFoundError("there is no such movement")

    def newest(self, stock_id: StockId) -> Movement:
        for movement in reversed(self._movements):
            if movement.stock_id == stock_id:
                return movement
        raise MovementNotFoundError("it never moved")

    def search(
        self,
        search: ports.MovementSearch,
        part: Slice,
        after: tuple[datetime, int] | None = None,
    ) -> Page[Movement]:
        found = [
            movement
            for movement in self._movements
            if matches(movement, search, "stock_id", "book_id", "warehouse_id", "kind")
            and search.order_id in (None, movement.cause.order_id)
            and (search.created_from is None or movement.created_at >= search.created_from)
            and (search.created_to is None or movement.created_at < search.created_to)
        ]
        behind = [m for m in found if after is None or _is_behind(m, after, part)]
        return Page(len(found), page(behind, part, lambda m: m.created_at).items)


def _is_behind(movement: Movement, after: tuple[datetime, int], part: Slice) -> bool:
    here = (movement.created_at, movement.id)
    return here < after if part.descending else here > after
