"""What payments need of the world."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from bookstore.kit.errors import ContendedError, UnavailableError
from bookstore.kit.money import Money
from bookstore.payment.domain.payment import OrderId, Payment, PaymentId, Status, UserId
from bookstore.payment.domain.refund import Refund, RefundId
from bookstore.saga.inbox import Inbox

ItemT = TypeVar("ItemT")


class NetworkUnavailableError(UnavailableError):
    """The card network did not answer in time; what it did is unknown."""

    code = "payment-unavailable"


class ChangedMeanwhileError(ContendedError):
    """Somebody else changed the payment at the same moment; try again."""

    code = "payment-changed-meanwhile"


@dataclass(frozen=True, slots=True)
class Approved:
    """The card network did what it was asked."""


@dataclass(frozen=True, slots=True)
class Declined:
    """The card network said no, for good: a stable code, and a sentence for people."""

    code: str
    reason: str


class Release(StrEnum):
    """What the card network answers to a void."""

    VOIDED = "voided"  # nothing is held under the key, now or before
    UNKNOWN = "unknown"  # it has never seen the key
    CAPTURED = "captured"  # too late: the money was taken


class CardNetwork(Protocol):
    """Who holds, takes and pays back money.

    Everything is asked under a key and takes effect once per key, however often it is asked.
    Each raises NetworkUnavailableError when the answer did not come; the effect may have.
    """

    async def authorise(self, key: str, token: str, amount: Money) -> Approved | Declined:
        """Hold the amount."""
        ...

    async def capture(self, key: str) -> Approved | Declined:
        """Take what is held under the key."""
        ...

    async def void(self, key: str) -> Release:
        """Let go of what is held under the key."""
        ...

    async def refund(self, key: str, refund_key: str, amount: Money) -> Approved | Declined:
        """Pay back some of what was taken under the key, once per refund key."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentQuery:
    """Which payments are wanted; `cursor` is where the page before ended."""

    user_id: UserId | None = None
    order_id: OrderId | None = None
    status: Status | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    sort: str = "created_at"
    descending: bool = True
    limit: int = 10
    offset: int = 0
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT]):
    """Some of a list, and how many there are in all."""

    total: int
    items: Sequence[ItemT]
    next_cursor: str | None = None


class Payments(Protocol):
    """All payments, within one transaction; an order has at most one."""

    def add(self, payment: Payment) -> None:
        """Keep a new payment."""
        ...

    def get(self, payment_id: PaymentId) -> Payment | None:
        """Return the payment, if there is one."""
        ...

    def of_order(self, order_id: OrderId) -> Payment | None:
        """Return the order's payment, if there is one."""
        ...

    def save(self, payment: Payment) -> None:
        """Keep a changed payment as its next version; raises ChangedMeanwhileError."""
        ...

    def page(self, query: PaymentQuery) -> Page[Payment]:
        """Return a page of payments; raises CursorInvalidError."""
        ...

    def unsettled(self, before: datetime, limit: int) -> Sequence[Payment]:
        """Return payments made before an instant that may still be held, the oldest first.

        They are started or authorised, or failed by hearsay: declined or voided, but not by the
        network's own word.
        """
        ...


class Refunds(Protocol):
    """All refunds, within one transaction."""

    def start(self, refund: Refund) -> bool:
        """Keep a new refund if its payment allows it; one statement decides.

        The payment must be captured, and what it refunded, what is started and this together
        must not exceed what it captured.
        """
        ...

    def get(self, refund_id: RefundId) -> Refund | None:
        """Return the refund, if there is one."""
        ...

    def under(self, network_key: str) -> Refund | None:
        """Return the refund with this key at the card network, if there is one."""
        ...

    def is_under_way(self, payment_id: PaymentId) -> bool:
        """Whether a refund of the payment is open: what becomes of it is not known yet.

        If none is, none begins before the transaction has ended.
        """
        ...

    def save(self, refund: Refund) -> None:
        """Keep a changed refund as its next version; raises ChangedMeanwhileError."""
        ...

    def open_before(self, before: datetime, limit: int) -> Sequence[Refund]:
        """Return refunds that were started before an instant and are open, the oldest first."""
        ...

    def page(
        self, payment_id: PaymentId, *, sort: str, descending: bool, limit: int, offset: int
    ) -> Page[Refund]:
        """Return a page of the payment's refunds."""
        ...


class Events(Protocol):
    """The card network's events that were heard, within one transaction."""

    def remember(self, event_id: str, payment_id: PaymentId, now: datetime) -> bool:
        """Keep the event's id; False if it is kept already."""
        ...


class RefundKeys(Protocol):
    """Which refund each idempotency key began, within one transaction."""

    def once(
        self,
        *,
        owner: UUID | None,
        key: str,
        request: object,
        now: datetime,
        begin: Callable[[], UUID],
    ) -> UUID:
        """Begin a refund, or return the id of the one that this key began.

        Raises IdempotencyKeyReusedError if the key was used for another request.
        """
        ...


class Store(Protocol):
    """Everything that one transaction may change."""

    @property
    def payments(self) -> Payments:
        """All payments."""
        ...

    @property
    def refunds(self) -> Refunds:
        """All refunds."""
        ...

    @property
    def events(self) -> Events:
        """The card network's events that were heard."""
        ...

    @property
    def keys(self) -> RefundKeys:
        """The idempotency keys of refunds."""
        ...

    @property
    def inbox(self) -> Inbox:
        """The answers to the saga's tasks."""
        ...


class Orders(Protocol):
    """What the order service knows."""

    async def is_over(self, order_id: OrderId) -> bool:
        """Whether there is no such order, or it was cancelled; raises UnavailableError."""
        ...
