"""Stock: the copies of a book in a warehouse, some of them reserved for orders.

A stock row never changes but by a `Change`, which says why and what the figures were before and
are after; the ledger keeps every one. What holds at all times: 0 <= reserved <= quantity.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from bookstore.kit.errors import ConflictError, FieldError, InvalidError, NotFoundError

BookId = NewType("BookId", int)
WarehouseId = NewType("WarehouseId", int)
StockId = NewType("StockId", int)
OrderId = NewType("OrderId", UUID)

MOST = 1_000_000_000
"""Copies that one row may count."""


class StockNotFoundError(NotFoundError):
    """There is no such stock row."""

    code = "stock-not-found"


class StockExistsError(ConflictError):
    """The book has a stock row in that warehouse already: change that one."""

    code = "stock-exists"


class BelowReservedError(ConflictError):
    """Orders hold more copies than would be left."""

    code = "below-reserved"


class StockFixedError(InvalidError):
    """A stock row's book and warehouse cannot change; make another row."""

    code = "stock-fixed"


class TooManyCopiesError(InvalidError):
    """A stock row counts up to a thousand million copies, and never fewer than none."""

    code = "quantity-out-of-range"


class NothingToAdjustError(InvalidError):
    """An adjustment by 0 says nothing."""

    code = "nothing-to-adjust"


class Kind(StrEnum):
    """Why the figures of a stock row changed."""

    STOCKED = "stocked"
    EDITED = "edited"
    ADJUSTED = "adjusted"
    RESERVED = "reserved"
    RELEASED = "released"
    SHIPPED = "shipped"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """On whose behalf stock changes: an order, or somebody with a reason of their own."""

    order_id: OrderId | None = None
    reason: str | None = None
    by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Copies of a book that are to be stocked in a warehouse."""

    book_id: BookId
    warehouse_id: WarehouseId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """A stock row; `quantity` counts the reserved copies too."""

    id: StockId
    book_id: BookId
    warehouse_id: WarehouseId
    quantity: int
    reserved: int
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def available(self) -> int:
        """How many copies are for sale."""
        return self.quantity - self.reserved

    def edited(self, quantity: int, cause: Cause, at: datetime) -> "Change":
        """Set how many copies there are; raises BelowReservedError."""
        return self._changed(Kind.EDITED, quantity - self.quantity, 0, cause, at)

    def adjusted(self, by: int, cause: Cause, at: datetime) -> "Change":
        """Correct how many copies there are.

        Raises NothingToAdjustError, TooManyCopiesError or BelowReservedError.
        """
        if by == 0:
            raise NothingToAdjustError(
                "by how many copies?",
                FieldError(pointer="/quantity", code="nothing-to-adjust", message="not 0"),
            )
        return self._changed(Kind.ADJUSTED, by, 0, cause, at)

    def reserved_for(self, copies: int, cause: Cause, at: datetime) -> "Change":
        """Hold copies for an order."""
        return self._changed(Kind.RESERVED, 0, copies, cause, at)

    def released(self, copies: int, cause: Cause, at: datetime) -> "Change":
        """Put copies back on sale."""
        return self._changed(Kind.RELEASED, 0, -copies, cause, at)

    def shipped(self, copies: int, cause: Cause, at: datetime) -> "Change":
        """Send reserved copies off."""
        return self._changed(Kind.SHIPPED, -copies, -copies, cause, at)

    def removed(self, cause: Cause, at: datetime) -> "Change":
        """Take every copy away; raises BelowReservedError."""
        return self._changed(Kind.REMOVED, -self.quantity, 0, cause, at)

    def _changed(
        self, kind: Kind, quantity: int, reserved: int, cause: Cause, at: datetime
    ) -> "Change":
        after = replace(
            self,
            quantity=self.quantity + quantity,
            reserved=self.reserved + reserved,
            updated_at=at,
            version=self.version + 1,
        )
        if not 0 <= after.quantity <= MOST:
            raise TooManyCopiesError(f"there would be {after.quantity} copies")
        if not 0 <= after.reserved <= after.quantity:
            raise BelowReservedError(
                f"{self.reserved} copies are reserved, {after.quantity} would be left"
            )
        return Change(kind=kind, before=self, after=after, cause=cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to a stock row, and why."""

    kind: Kind
    before: Stock
    after: Stock
    cause: Cause

    @property
    def quantity(self) -> int:
        """By how much the quantity changed."""
        return self.after.quantity - self.before.quantity

    @property
    def reserved(self) -> int:
        """By how much the reserved quantity changed."""
        return self.after.reserved - self.before.reserved
