"""Changing a stock row by hand: setting it, correcting it, removing it."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.inventory.application.ports import Inventory, Key
from bookstore.inventory.domain.ledger import Movement
from bookstore.inventory.domain.stock import (
    Cause,
    Draft,
    Stock,
    StockFixedError,
    StockId,
    StockNotFoundError,
)
from bookstore.inventory.domain.warehouse import legible
from bookstore.kit.clock import Clock
from bookstore.kit.errors import FieldError
from bookstore.kit.precondition import Precondition
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class ReplaceStock:
    """Sets how many copies there are, for somebody who has seen how many there were."""

    transact: Transact[Inventory]
    clock: Clock

    async def __call__(
        self, stock_id: StockId, draft: Draft, seen: Precondition, *, by: UUID
    ) -> Stock:
        """Return the row as it is now.

        Raises StockNotFoundError, VersionRequiredError, VersionMismatchError, StockFixedError
        or BelowReservedError.
        """

        def replace(inventory: Inventory) -> Stock:
            stock = _locked(inventory, stock_id)
            seen.check(stock.version)
            _refuse_to_move(stock, draft)
            change = stock.edited(draft.quantity, Cause(by=by), self.clock.now())
            inventory.stocks.change([change])
            return change.after

        return await self.transact(replace)


@dataclass(frozen=True, slots=True)
class AdjustStock:
    """Corrects how many copies there are by a difference, with a reason; once per key."""

    transact: Transact[Inventory]
    clock: Clock

    async def __call__(
        self, stock_id: StockId, by_copies: int, reason: str, *, by: UUID, key: str | None = None
    ) -> Movement:
        """Return the ledger's entry.

        Raises StockNotFoundError, NothingToAdjustError, TooManyCopiesError or
        BelowReservedError.
        """
        now = self.clock.now()
        cause = Cause(reason=legible("/reason", reason), by=by)

        def adjust(inventory: Inventory) -> Movement:
            change = _locked(inventory, stock_id).adjusted(by_copies, cause, now)
            inventory.stocks.change([change])
            return inventory.ledger.newest(stock_id)

        once = Key(
            owner=str(by),
            operation="adjust_stock",
            key=key,
            request={"stock_id": stock_id, "quantity": by_copies, "reason": cause.reason},
            at=now,
        )
        return await self.transact(
            lambda inventory: inventory.keys.once(once, lambda: adjust(inventory), Movement)
        )


@dataclass(frozen=True, slots=True)
class RemoveStock:
    """Stops stocking a book in a warehouse."""

    transact: Transact[Inventory]
    clock: Clock

    async def __call__(self, stock_id: StockId, *, by: UUID) -> None:
        """Raise StockNotFoundError, or BelowReservedError while orders hold copies."""

        def remove(inventory: Inventory) -> None:
            stock = _locked(inventory, stock_id)
            inventory.stocks.remove(stock.removed(Cause(by=by), self.clock.now()))

        await self.transact(remove)


def _locked(inventory: Inventory, stock_id: StockId) -> Stock:
    for stock in inventory.stocks.locked([stock_id]):
        return stock
    raise StockNotFoundError(f"there is no stock row {stock_id}")


def _refuse_to_move(stock: Stock, draft: Draft) -> None:
    fields = [
        FieldError(pointer=f"/{name}", code="stock-fixed", message=f"it stays {is_!s}")
        for name, is_, wanted in (
            ("book_id", stock.book_id, draft.book_id),
            ("warehouse_id", stock.warehouse_id, draft.warehouse_id),
        )
        if is_ != wanted
    ]
    if fields:
        raise StockFixedError("a stock row's book and warehouse cannot change", *fields)
