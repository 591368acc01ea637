"""A payment: an order's money, first held, then taken, perhaps paid back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from bookstore.kit.errors import ConflictError
from bookstore.kit.money import Money

OrderId = NewType("OrderId", UUID)
PaymentId = NewType("PaymentId", UUID)
UserId = NewType("UserId", UUID)


class PaymentType(StrEnum):
    """What is paid with."""

    CARD = "card"


class Status(StrEnum):
    """Where a payment stands."""

    STARTED = "started"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"
    DECLINED = "declined"


# Every move there is; an attempt whose hold was never seen is voided from `started`.
MOVES = {
    Status.STARTED: {Status.AUTHORISED, Status.DECLINED, Status.VOIDED},
    Status.AUTHORISED: {Status.CAPTURED, Status.VOIDED},
    Status.CAPTURED: {Status.REFUNDED},
    Status.VOIDED: set(),
    Status.REFUNDED: set(),
    Status.DECLINED: set(),
}


class IllegalMoveError(ConflictError):
    """The payment stands where this cannot be done to it."""

    code = "payment-illegal-move"


@dataclass(slots=True, kw_only=True, eq=False)
class Payment:
    """How one order is paid.

    `network_key` is under what the card network knows it; `card_token` is masked. Until
    `deadline` the attempt to authorise may still reach the network. Always
    0 <= refunded <= captured <= amount.
    """

    id: PaymentId
    order_id: OrderId
    user_id: UserId
    network_key: str
    card_token: str
    amount: Money
    captured: Money
    refunded: Money
    status: Status
    reason: str | None
    payment_date: datetime | None
    deadline: datetime
    created_at: datetime
    updated_at: datetime
    version: int
    payment_type: PaymentType = PaymentType.CARD

    @classmethod
    def start(  # noqa: PLR0913 — a payment has that many facts
        cls,
        *,
        payment_id: PaymentId,
        order_id: OrderId,
        user_id: UserId,
        network_key: str,
        token: str,
        amount: Money,
        deadline: datetime,
        now: datetime,
    ) -> "Payment":
        """Begin to pay; nothing is held yet."""
        nothing = Money(0, amount.currency)
        return cls(
            id=payment_id,
            order_id=order_id,
            user_id=user_id,
            network_key=network_key,
            card_token=masked(token),
            amount=amount,
            captured=nothing,
            refunded=nothing,
            status=Status.STARTED,
            reason=None,
            payment_date=None,
            deadline=deadline,
            created_at=now,
            updated_at=now,
            version=1,
        )

    @property
    def refundable(self) -> Money:
        """What was taken and not paid back yet."""
        return self.captured - self.refunded

    @property
    def holds_or_took(self) -> bool:
        """Whether the card was good for it: the money is held, or was taken already."""
        return self.status in {Status.AUTHORISED, Status.CAPTURED, Status.REFUNDED}

    def can_become(self, status: Status) -> bool:
        """Whether there is such a move from here."""
        return status in MOVES[self.status]

    def authorise(self, now: datetime) -> None:
        """Note that the money is held."""
        self._move(Status.AUTHORISED, now)

    def decline(self, reason: str, now: datetime) -> None:
        """Note that the card network said no."""
        self._move(Status.DECLINED, now)
        self.reason = reason

    def capture(self, now: datetime) -> None:
        """Note that the money was taken, all of it."""
        self._move(Status.CAPTURED, now)
        self.captured = self.amount
        self.payment_date = now

    def void(self, now: datetime) -> None:
        """Note that nothing is held any more."""
        self._move(Status.VOIDED, now)

    def pay_back(self, amount: Money, now: datetime) -> None:
        """Note that money went back; once all of it has, the payment is refunded."""
        rest = self.refundable - amount
        if self.status is not Status.CAPTURED or amount.amount < 0 or rest.amount < 0:
            raise IllegalMoveError(f"of {self.refundable}, {amount} cannot be paid back")
        self.refunded = self.refunded + amount
        self.updated_at = now
        if rest.amount == 0:
            self._move(Status.REFUNDED, now)

    def _move(self, status: Status, now: datetime) -> None:
        if not self.can_become(status):
            raise IllegalMoveError(f"a payment that is {self.status} cannot become {status}")
        self.status = status
        self.updated_at = now


def masked(token: str) -> str:
    """Return what may be shown of a card token: that it is one, and its last four characters."""
    return f"tok_…{token[-4:]}"
