"""An order: what was bought at which price, and how far it has come.

pending → placed → paid → confirmed → shipping → completed
pending, placed ────────────────────────────────→ cancelled
paid, confirmed ──→ cancelling ─────────────────→ cancelled
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from bookstore.kit.errors import ConflictError, ForbiddenError, NotFoundError
from bookstore.kit.money import Money
from bookstore.order.domain.address import ShippingAddress
from bookstore.order.domain.basket import Line

OrderId = NewType("OrderId", UUID)
UserId = NewType("UserId", UUID)


class OrderNotFoundError(NotFoundError):
    """There is no such order, or it is not yours."""

    code = "order-not-found"

    def __init__(self, order_id: OrderId) -> None:
        super().__init__(f"there is no order {order_id}")


class ServiceCannotBuyError(ForbiddenError):
    """An order belongs to a person; the token is that of a service."""

    code = "service-cannot-buy"


class IllegalMoveError(ConflictError):
    """An order does not go from where it stands to where it was sent."""

    code = "illegal-move"


class TooLateError(ConflictError):
    """The order can be cancelled no more, or not just now: it is being paid, or it ships."""

    code = "too-late"


class CancelRequestedError(ConflictError):
    """The order shall be cancelled, so it does not go forward."""

    code = "order-cancelled"


class Status(StrEnum):
    """How far an order has come."""

    PENDING = "pending"  # stored, its prices frozen
    PLACED = "placed"  # it has a number
    PAID = "paid"  # the money is held, not yet taken
    CONFIRMED = "confirmed"  # the books are reserved, the money is taken
    SHIPPING = "shipping"
    COMPLETED = "completed"
    CANCELLING = "cancelling"  # being paid back
    CANCELLED = "cancelled"


MOVES: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.PLACED, Status.CANCELLED}),
    Status.PLACED: frozenset({Status.PAID, Status.CANCELLED}),
    Status.PAID: frozenset({Status.CONFIRMED, Status.CANCELLING}),
    Status.CONFIRMED: frozenset({Status.SHIPPING, Status.CANCELLING}),
    Status.SHIPPING: frozenset({Status.COMPLETED}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLING: frozenset({Status.CANCELLED}),
    Status.CANCELLED: frozenset(),
}
OPEN = frozenset(status for status, further in MOVES.items() if further)


@dataclass(slots=True, kw_only=True, eq=False)
class Order:
    """An order, which changes only through its methods.

    `serial` says the how-manieth order it is, by the store's count; its number is made of it.
    `reason` is a code that says why it was, or shall be, cancelled.
    """

    id: OrderId
    user_id: UserId
    lines: tuple[Line, ...]
    total: Money
    created_at: datetime
    updated_at: datetime
    shipping_address: ShippingAddress | None = None
    serial: int = 0
    number: str | None = None
    status: Status = Status.PENDING
    cancel_requested: bool = False
    reason: str | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether it may still change."""
        return self.status in OPEN

    def place(self, now: datetime) -> None:
        """Give it its number; raises CancelRequestedError."""
        self._refuse_if_cancel_requested()
        self._move(Status.PLACED, now)
        self.number = f"{now.year}-{self.serial:06}"

    def mark_paid(self, now: datetime) -> None:
        """Note that the money is held; raises CancelRequestedError."""
        self._refuse_if_cancel_requested()
        self._move(Status.PAID, now)

    def confirm(self, now: datetime) -> None:
        """Note that the books are reserved and the money is taken."""
        self._move(Status.CONFIRMED, now)

    def ship(self, now: datetime) -> None:
        """Send it off."""
        self._move(Status.SHIPPING, now)

    def complete(self, now: datetime) -> None:
        """Note that it has arrived."""
        self._move(Status.COMPLETED, now)

    def request_cancellation(self, reason: str, now: datetime) -> None:
        """Keep it from going forward, before the money is held; raises TooLateError after."""
        if self.status not in (Status.PENDING, Status.PLACED):
            raise TooLateError(f"order {self.id} is {self.status}: it cannot be cancelled now")
        if not self.cancel_requested:
            self.cancel_requested = True
            self.reason = reason
            self._touch(now)

    def begin_cancelling(self, reason: str, now: datetime) -> None:
        """Begin to pay it back."""
        self._move(Status.CANCELLING, now)
        self.reason = reason

    def cancel(self, reason: str, now: datetime) -> None:
        """End it; why it was to be cancelled counts more than what it then ran into."""
        self._move(Status.CANCELLED, now)
        self.reason = self.reason or reason

    def _refuse_if_cancel_requested(self) -> None:
        if self.cancel_requested:
            raise CancelRequestedError(f"order {self.id} shall be cancelled")

    def _move(self, to: Status, now: datetime) -> None:
        if to not in MOVES[self.status]:
            raise IllegalMoveError(f"order {self.id} is {self.status}: it cannot be {to} now")
        self.status = to
        self._touch(now)

    def _touch(self, now: datetime) -> None:
        self.updated_at = now
        self.version += 1
