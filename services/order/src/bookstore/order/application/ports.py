"""What ordering needs of the world.

The engine that runs sagas, their log and the requests for them are ports of the saga library
(`bookstore.saga.ports`), and so is the inbox of our own steps (`bookstore.saga.inbox`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bookstore.kit.errors import ConflictError
from bookstore.order.domain.basket import BookId, Offer
from bookstore.order.domain.ending import Ending
from bookstore.order.domain.order import Order, OrderId, Status, UserId
from bookstore.saga.inbox import Inbox
from bookstore.saga.ports import SagaLog, SagaRequests


class KeyTakenError(ConflictError):
    """Another process has just accepted a purchase with this key."""

    code = "key-taken"


class Sort(StrEnum):
    """By what orders are sorted."""

    CREATED_AT = "created_at"
    TOTAL_PRICE = "total_price"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which orders, in which order, and which part of them.

    `since ≤ created_at < until`; `after` is the sort key and the id of the last order of the
    page before.
    """

    user_id: UserId | None = None
    statuses: frozenset[Status] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    sort: Sort = Sort.CREATED_AT
    ascending: bool = False
    limit: int = 10
    offset: int = 0
    after: tuple[datetime | int, OrderId] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some orders, how many there are on all pages, and whether more of them follow."""

    total: int
    orders: Sequence[Order]
    more: bool


@dataclass(frozen=True, slots=True)
class PurchaseKey:
    """An Idempotency-Key, which belongs to its user."""

    user_id: UserId
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A key that was accepted: for which request, which order, and how that ended.

    `fingerprint` is what equal requests have in common, `trace_id` that of the first.
    """

    key: PurchaseKey
    fingerprint: str
    order_id: OrderId
    trace_id: str
    created_at: datetime
    ending: Ending | None = None


class Orders(Protocol):
    """All orders, within one transaction."""

    def add(self, order: Order) -> None:
        """Keep a new order, and count it: sets its serial."""
        ...

    def get(self, order_id: OrderId) -> Order:
        """Return the order; raises OrderNotFoundError."""
        ...

    def hold(self, order_id: OrderId) -> Order:
        """Return the order, to be changed by nobody else before the transaction ends."""
        ...

    def save(self, order: Order) -> None:
        """Keep what became of an order that was held, so that nobody else has changed it."""
        ...

    def search(self, search: Search) -> Page:
        """Find orders, sorted, and the id decides between equals."""
        ...

    def count_open(self, user_id: UserId) -> int:
        """Return how many of the user's orders may still change."""
        ...

    def ever_ordered(self, book_ids: Collection[BookId]) -> Sequence[BookId]:
        """Return those of the books that stand in any order, whatever became of it."""
        ...


class Purchases(Protocol):
    """The keys of POST /orders and what came of each, within one transaction."""

    def find(self, key: PurchaseKey) -> Purchase | None:
        """Return what the key was used for."""
        ...

    def add(self, purchase: Purchase) -> None:
        """Keep a key; raises KeyTakenError if it has been used."""
        ...

    def end(self, order_id: OrderId, ending: Ending) -> None:
        """Keep how an order's purchase ended, unless that is known already."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete the keys that are older; return how many."""
        ...


class Keys(Protocol):
    """Optional Idempotency-Keys of simple writes, within one transaction."""

    def once(  # noqa: PLR0913 — a key has that many parts
        self,
        *,
        owner: str,
        operation: str,
        key: str | None,
        request: object,
        now: datetime,
        effect: Callable[[], str],
    ) -> str:
        """Do it, or return what came of it the first time; raises IdempotencyKeyReusedError."""
        ...


class Sagas(SagaRequests, SagaLog, Protocol):
    """The sagas of our orders: asked for, and looked up, within one transaction."""


class OrderStore(Protocol):
    """Everything that one transaction may change together."""

    @property
    def orders(self) -> Orders: ...

    @property
    def purchases(self) -> Purchases: ...

    @property
    def keys(self) -> Keys: ...

    @property
    def sagas(self) -> Sagas: ...

    @property
    def inbox(self) -> Inbox: ...


class PriceList(Protocol):
    """What books are called and cost now."""

    async def offers(self, book_ids: Collection[BookId]) -> Mapping[BookId, Offer]:
        """Return the offers of those books that are sold; raises UnavailableError."""
        ...


class Settlements(Protocol):
    """What of an order's money was given back in another way than by the card network."""

    async def settle(self, order_id: OrderId) -> None:
        """Count what is left of the order's payment as given back; repeating changes nothing.

        Raises ConflictError if no money was taken, UnavailableError while a refund may still
        succeed or nobody can be asked.
        """
        ...


class Accounts(Protocol):
    """Whether whoever buys still has an account.

    An access token is good for 15 minutes, whatever becomes of its account meanwhile.
    """

    async def is_open(self, user_id: UserId) -> bool:
        """Tell whether there is such an account, and enabled; raises UnavailableError."""
        ...
