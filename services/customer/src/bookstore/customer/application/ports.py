"""What customers need of the world: three neighbours, the catalogue, and a store of our own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from bookstore.customer.domain.customer import Customer, CustomerId, Details
from bookstore.customer.domain.point import Account, Change, Entry
from bookstore.customer.domain.purchase import Order, OrderStatus, Payment
from bookstore.customer.domain.wishlist import BookId

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which part of a list, in which order; the id decides between equals, the same way."""

    sort: str = "created_at"
    descending: bool = True
    limit: int = 10
    offset: int = 0
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT]):
    """Some of a list, how many there are in all, and where the next page begins."""

    total: int
    items: Sequence[ItemT]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSearch:
    """Which customers: by the whole address, a part of the name, the phone number."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSearch:
    """Which of a customer's orders, from `created_from` on, before `created_to`."""

    status: OrderStatus | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSearch:
    """Which of a customer's payments, from `created_from` on, before `created_to`."""

    order_id: UUID | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


class Accounts(Protocol):
    """Who has an account; each call raises UnavailableError when identity is away."""

    async def search(self, search: CustomerSearch, part: Slice) -> Page[Customer]:
        """List customers; sorts: created_at, email, last_name."""
        ...

    async def find(self, customer_id: CustomerId) -> Customer:
        """Return the customer; raises CustomerNotFoundError."""
        ...

    async def change(self, customer_id: CustomerId, details: Details, *, version: int) -> Customer:
        """Replace a version of the details.

        Raises CustomerNotFoundError, VersionMismatchError, InvalidError, or ConflictError with
        the code email-taken.
        """
        ...

    async def close(self, customer_id: CustomerId) -> None:
        """End the account and make the person anonymous; repeating it changes nothing.

        Raises CustomerNotFoundError, or ConflictError for whoever cannot be spared.
        """
        ...


class Orders(Protocol):
    """What customers ordered; each call raises UnavailableError when order is away."""

    async def search(
        self, customer_id: CustomerId, search: OrderSearch, part: Slice
    ) -> Page[Order]:
        """List the customer's orders; sorts: created_at, total_price."""
        ...

    async def find(self, customer_id: CustomerId, order_id: UUID) -> Order:
        """Return the customer's order; raises NotFoundError."""
        ...

    async def count_open(self, customer_id: CustomerId) -> int:
        """Return how many of the customer's orders are neither completed nor cancelled."""
        ...


class Payments(Protocol):
    """How customers paid; each call raises UnavailableError when payment is away."""

    async def search(
        self, customer_id: CustomerId, search: PaymentSearch, part: Slice
    ) -> Page[Payment]:
        """List the customer's payments; sorts: created_at, amount."""
        ...

    async def find(self, customer_id: CustomerId, payment_id: UUID) -> Payment:
        """Return the customer's payment; raises NotFoundError."""
        ...


class BookList(Protocol):
    """The books we sell."""

    async def unknown(self, book_ids: Collection[BookId]) -> set[BookId]:
        """Return those which are not on sale; raises UnavailableError."""
        ...


class Wishlists(Protocol):
    """All wish lists, within one transaction."""

    def get(self, customer_id: CustomerId) -> list[BookId]:
        """Return the customer's list, in the order of addition."""
        ...

    def add(self, customer_id: CustomerId, book_ids: Sequence[BookId], at: datetime) -> None:
        """Add books at the end; raises ChangedMeanwhileError if one is there already."""
        ...

    def remove(self, customer_id: CustomerId, book_ids: Collection[BookId]) -> None:
        """Take books off the list, those that are on it."""
        ...

    def clear(self, customer_id: CustomerId) -> None:
        """Forget the whole list."""
        ...


class Points(Protocol):
    """All point accounts and their ledger, within one transaction."""

    def get(self, customer_id: CustomerId) -> Account:
        """Return the customer's account."""
        ...

    def locked(self, customer_id: CustomerId) -> Account:
        """Return the customer's account, which nobody else changes until the unit ends."""
        ...

    def apply(self, change: Change) -> None:
        """Set the balance and write the ledger.

        Raises ChangedMeanwhileError if somebody else made the account at the same moment.
        """
        ...

    def entries(self, customer_id: CustomerId, part: Slice) -> Page[Entry]:
        """List the customer's ledger."""
        ...

    def clear(self, customer_id: CustomerId) -> None:
        """Forget account and ledger."""
        ...


class Store(Protocol):
    """Our own data, as one unit of work sees them."""

    @property
    def wishlists(self) -> Wishlists: ...

    @property
    def points(self) -> Points: ...
