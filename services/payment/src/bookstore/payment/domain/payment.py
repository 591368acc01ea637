"""A payment: an order's money, first held, then taken, perhaps paid back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
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


# Every move that an event of the network may tell of; an attempt whose hold was never seen is
# voided from `started`. What the network answers when it is asked counts for more: `held`,
# `took` and `let_go` below.
MOVES = {
    Status.STARTED: {Status.AUTHORISED, Status.DECLINED, Status.VOIDED},
    Status.AUTHORISED: {Status.CAPTURED, Status.VOIDED},
    Status.CAPTURED: {Status.REFUNDED},
    Status.VOIDED: set(),
    Status.REFUNDED: set(),
    Status.DECLINED: set(),
}


SETTLED_OUTSIDE: Final = "settled-outside"
NETWORK_DISAGREED: Final = "network-disagreed"  # an event had said that the money was taken


class IllegalMoveError(ConflictError):
    """The payment stands where this cannot be done to it."""

    code = "payment-illegal-move"


@dataclass(slots=True, kw_only=True, eq=False)
class Payment:
    """How one order is paid.

    `network_key` is under what the card network knows it; `card_token` is masked. Until
    `deadline` the attempt to authorise may still reach the network. `released_at` is when the
    network itself, asked, said that nothing is held: until then a decline or a void is hearsay.
    `settled` is what people gave back in another way than by the card network.
    Always 0 <= refunded + settled <= captured <= amount.
    """

    id: PaymentId
    order_id: OrderId
    user_id: UserId
    network_key: str
    card_token: str
    amount: Money
    captured: Money
    refunded: Money
    settled: Money
    status: Status
    reason: str | None
    payment_date: datetime | None
    deadline: datetime
    created_at: datetime
    updated_at: datetime
    version: int
    released_at: datetime | None = None
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
            settled=nothing,
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
        """What was taken and not given back yet."""
        return self.captured - self.refunded - self.settled

    @property
    def may_be_captured(self) -> bool:
        """Whether the card was good for it, and nobody but an event said that this is over."""
        if self.status is Status.VOIDED:
            return self.released_at is None
        return self.status in {Status.AUTHORISED, Status.CAPTURED, Status.REFUNDED}

    @property
    def has_failed(self) -> bool:
        """Whether it came to nothing, as far as was heard."""
        return self.status in {Status.DECLINED, Status.VOIDED}

    @property
    def is_over(self) -> bool:
        """Whether, by the network's own word, it neither holds nor keeps any of the money."""
        return self.status is Status.REFUNDED or self.released_at is not None

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

    def held(self, now: datetime) -> bool:
        """Note that the network, asked, holds the money; False if that is nothing new.

        What has failed stays so: it is held in vain, and to be let go.
        """
        if self.can_become(Status.AUTHORISED):
            self.authorise(now)
            return True
        if not self.has_failed or self.released_at is None:
            return False
        self.released_at = None
        self.updated_at = now
        return True

    def took(self, now: datetime) -> bool:
        """Note that the network, asked, took the money, whatever events said; False likewise."""
        if self.status in {Status.CAPTURED, Status.REFUNDED}:
            return False
        self.status = Status.AUTHORISED
        self.released_at = None
        self.capture(now)
        return True

    def refused(self, reason: str, now: datetime) -> bool:
        """Note that the network, asked, said no; False likewise."""
        if self.can_become(Status.DECLINED):
            self.decline(reason, now)
        return self.let_go(now)

    def let_go(self, now: datetime) -> bool:
        """Note that the network, asked, neither holds nor took the money; False likewise."""
        if self.is_over:
            return False
        if not self.has_failed:
            if self.status is Status.CAPTURED:
                self.reason = NETWORK_DISAGREED
            self.status = Status.VOIDED
            self.captured = Money(0, self.amount.currency)
            self.payment_date = None
        self.released_at = now
        self.updated_at = now
        return True

    def pay_back(self, amount: Money, now: datetime) -> None:
        """Note that money went back; once all of it has, the payment is refunded."""
        rest = self.refundable - amount
        if self.status is not Status.CAPTURED or amount.amount < 0 or rest.amount < 0:
            raise IllegalMoveError(f"of {self.refundable}, {amount} cannot be paid back")
        self.refunded = self.refunded + amount
        self.updated_at = now
        if rest.amount == 0:
            self._move(Status.REFUNDED, now)

    def settle_outside(self, now: datetime) -> None:
        """Note that people gave the rest back, such as by a bank transfer; nothing, if nothing is.

        From then on the card network is asked for none of it.
        """
        if self.status is Status.REFUNDED:
            return
        rest = self.refundable
        self._move(Status.REFUNDED, now)
        if rest.amount:
            self.settled = rest
            self.reason = SETTLED_OUTSIDE

    def _move(self, status: Status, now: datetime) -> None:
        if not self.can_become(status):
            raise IllegalMoveError(f"a payment that is {self.status} cannot become {status}")
        self.status = status
        self.updated_at = now


def masked(token: str) -> str:
    """Return what may be shown of a card token: that it is one, and its last four characters."""
    return f"tok_…{token[-4:]}"
