"""The ledger: every change of stock, kept for good; rows are added and never touched again."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from bookstore.inventory.domain.stock import BookId, Cause, Kind, StockId, WarehouseId
from bookstore.kit.errors import NotFoundError

MovementId = NewType("MovementId", int)


class MovementNotFoundError(NotFoundError):
    """There is no such entry in the ledger."""

    code = "movement-not-found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A change of stock as it was written down: by how much, and to what figures."""

    id: MovementId
    stock_id: StockId
    book_id: BookId
    warehouse_id: WarehouseId
    kind: Kind
    quantity: int
    reserved: int
    quantity_after: int
    reserved_after: int
    cause: Cause
    created_at: datetime
