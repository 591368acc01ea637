"""A refund: money on its way back, from before the card network is asked until it answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from bookstore.kit.errors import ConflictError
from bookstore.kit.money import Money
from bookstore.payment.domain.payment import IllegalMoveError, Payment, PaymentId, Status

RefundId = NewType("RefundId", UUID)


class RefundExceedsCaptureError(ConflictError):
    """More than what was captured, less what was refunded or is about to be."""

    code = "refund-exceeds-capture"


class PaymentNotCapturedError(ConflictError):
    """No money was taken by this payment, so none can be paid back."""

    code = "payment-not-captured"


class RefundCurrencyError(ConflictError):
    """A refund is made in the currency of its payment."""

    code = "refund-currency"


class RefundStatus(StrEnum):
    """Where a refund stands; `started` until the card network's answer is known."""

    STARTED = "started"
    REFUNDED = "refunded"
    DECLINED = "declined"


@dataclass(slots=True, kw_only=True, eq=False)
class Refund:
    """Some of a payment's money, paid back once under its own key at the card network."""

    id: RefundId
    payment_id: PaymentId
    network_key: str
    amount: Money
    status: RefundStatus
    reason: str | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def start(  # noqa: PLR0913 — a refund has that many facts
        cls,
        *,
        refund_id: RefundId,
        payment_id: PaymentId,
        network_key: str,
        amount: Money,
        reason: str | None,
        now: datetime,
    ) -> "Refund":
        """Begin to pay back; the network has not been asked yet."""
        return cls(
            id=refund_id,
            payment_id=payment_id,
            network_key=network_key,
            amount=amount,
            status=RefundStatus.STARTED,
            reason=reason,
            created_at=now,
            updated_at=now,
            version=1,
        )

    @property
    def is_open(self) -> bool:
        """Whether the network's answer is still unknown."""
        return self.status is RefundStatus.STARTED

    def settle(self, payment: Payment, now: datetime) -> None:
        """Note that the money went back, here and on the payment."""
        self._end(RefundStatus.REFUNDED, now)
        payment.pay_back(self.amount, now)

    def decline(self, now: datetime) -> None:
        """Note that the card network will not pay it back."""
        self._end(RefundStatus.DECLINED, now)

    def _end(self, status: RefundStatus, now: datetime) -> None:
        if not self.is_open:
            raise IllegalMoveError(f"a refund that is {self.status} cannot become {status}")
        self.status = status
        self.updated_at = now


def refusal(payment: Payment, amount: Money) -> ConflictError:
    """Say why so much of the payment cannot be paid back."""
    if payment.status not in {Status.CAPTURED, Status.REFUNDED}:
        return PaymentNotCapturedError(f"the payment is {payment.status}")
    if amount.currency != payment.amount.currency:
        return RefundCurrencyError(f"the payment was made in {payment.amount.currency}")
    return RefundExceedsCaptureError(
        f"{payment.captured} was captured and {payment.refunded} paid back or is about to be"
        + (f"; {payment.settled} was settled outside" if payment.settled.amount else "")
    )
