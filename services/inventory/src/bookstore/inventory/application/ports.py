"""What inventory needs of the world."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from bookstore.inventory.domain.allocation import Shortage
from bookstore.inventory.domain.ledger import Movement, MovementId
from bookstore.inventory.domain.reservation import Reservation, Status
from bookstore.inventory.domain.stock import (
    BookId,
    Cause,
    Change,
    Draft,
    Kind,
    OrderId,
    Stock,
    StockId,
    WarehouseId,
)
from bookstore.inventory.domain.warehouse import Description, Warehouse

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which part of a list, in which order; the id decides between equals, the same way."""

    sort: str = "created_at"
    descending: bool = True
    limit: int = 10
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT]):
    """Some of a list, and how many there are in all."""

    total: int
    items: Sequence[ItemT]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockSearch:
    """Which stock rows; sorts: created_at, updated_at, book_id, warehouse_id, quantity."""

    book_id: int | None = None
    warehouse_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationSearch:
    """Which reservations; sorts: created_at, updated_at."""

    order_id: UUID | None = None
    book_id: int | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementSearch:
    """Which entries of the ledger, from `created_from` on, before `created_to`."""

    stock_id: int | None = None
    book_id: int | None = None
    warehouse_id: int | None = None
    order_id: UUID | None = None
    kind: Kind | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A book's copies in all warehouses together."""

    book_id: BookId
    quantity: int
    reserved: int


class Stocks(Protocol):
    """All stock rows; whatever changes one is written into the ledger with it."""

    def add(self, draft: Draft, cause: Cause, at: datetime) -> Stock:
        """Stock a book in a warehouse; raises StockExistsError."""
        ...

    def add_missing(self, drafts: Sequence[Draft], cause: Cause, at: datetime) -> Sequence[Draft]:
        """Add those whose book and warehouse have no row yet; return them."""
        ...

    def get(self, stock_id: StockId) -> Stock:
        """Return the row; raises StockNotFoundError."""
        ...

    def locked(self, stock_ids: Collection[StockId]) -> Sequence[Stock]:
        """Return rows that nobody else changes until the unit ends, by book and warehouse."""
        ...

    def locked_of(self, book_ids: Collection[BookId]) -> Sequence[Stock]:
        """Return these books' rows, locked likewise, by book and warehouse."""
        ...

    def change(self, changes: Sequence[Change]) -> None:
        """Write the changes, in their order.

        Raises StockMovedError if a row is no longer what its change began with.
        """
        ...

    def remove(self, change: Change) -> None:
        """Delete the row that the change has emptied; raises StockMovedError likewise."""
        ...

    def search(self, search: StockSearch, part: Slice) -> Page[Stock]:
        """List rows."""
        ...

    def figures(self, book_ids: Collection[BookId]) -> Sequence[Figures]:
        """Return the figures of those of the books that are stocked anywhere."""
        ...


class Ledger(Protocol):
    """All movements of stock; `Stocks` writes them."""

    def get(self, movement_id: MovementId) -> Movement:
        """Return the entry; raises MovementNotFoundError."""
        ...

    def newest(self, stock_id: StockId) -> Movement:
        """Return a stock row's newest entry; raises MovementNotFoundError."""
        ...

    def search(
        self, search: MovementSearch, part: Slice, after: tuple[datetime, int] | None = None
    ) -> Page[Movement]:
        """List entries; `after` is the instant and the id of the last one seen."""
        ...


class Reservations(Protocol):
    """What orders hold and held."""

    def hold(self, changes: Sequence[Change], at: datetime) -> None:
        """Keep what was reserved, each for the order that is its cause."""
        ...

    def held(self, order_id: OrderId) -> Sequence[Reservation]:
        """Return what the order holds now."""
        ...

    def settle(self, order_id: OrderId, status: Status, at: datetime) -> None:
        """Say what becomes of all that the order holds now."""
        ...

    def search(self, search: ReservationSearch, part: Slice) -> Page[Reservation]:
        """List reservations."""
        ...


class Shortages(Protocol):
    """Why orders were turned away: what each line asked for, and what there was."""

    def record(self, shortages: Sequence[Shortage], at: datetime) -> None:
        """Write down the lines that could not be filled."""
        ...


class Warehouses(Protocol):
    """All warehouses."""

    def add(self, description: Description, at: datetime) -> Warehouse:
        """Give it an id and keep it."""
        ...

    def get(self, warehouse_id: WarehouseId) -> Warehouse:
        """Return the warehouse; raises WarehouseNotFoundError."""
        ...

    def known(self, warehouse_ids: Collection[WarehouseId]) -> set[WarehouseId]:
        """Return those of the warehouses which exist."""
        ...

    def first(self, name: str | None) -> Warehouse | None:
        """Return the oldest warehouse, or the oldest of that name, if there is one."""
        ...

    def update(self, warehouse: Warehouse) -> None:
        """Keep the next version; raises VersionMismatchError if it is not the next."""
        ...

    def remove(self, warehouse_id: WarehouseId) -> None:
        """Delete it; raises WarehouseNotFoundError or WarehouseInUseError."""
        ...

    def search(self, name: str | None, part: Slice) -> Page[Warehouse]:
        """List those whose name contains the text; sorts: created_at, name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An Idempotency-Key, whose it is, and what it was used for."""

    owner: str
    operation: str
    key: str | None
    request: Mapping[str, object]
    at: datetime


class Keys(Protocol):
    """Which requests were answered before, and how."""

    def once(self, key: Key, effect: Callable[[], AnswerT], kind: type[AnswerT]) -> AnswerT:
        """Do it, or return what came of it the first time.

        Raises IdempotencyKeyReusedError if the key was used for another request.
        """
        ...


class Inventory(Protocol):
    """Everything that one unit of work sees and changes together."""

    @property
    def stocks(self) -> Stocks: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def reservations(self) -> Reservations: ...

    @property
    def shortages(self) -> Shortages: ...

    @property
    def warehouses(self) -> Warehouses: ...

    @property
    def keys(self) -> Keys: ...


class BookList(Protocol):
    """The books we sell."""

    async def unknown(self, book_ids: Collection[BookId]) -> set[BookId]:
        """Return those which are not on sale; raises UnavailableError."""
        ...
