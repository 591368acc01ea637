"""Refunding: staff pay back some of what a customer paid."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.kit.clock import Clock
from bookstore.kit.errors import ConflictError
from bookstore.kit.ids import uuid7
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from bookstore.payment.application.find_payments import PaymentNotFoundError, RefundNotFoundError
from bookstore.payment.application.pay_back import PayBack
from bookstore.payment.application.ports import NetworkUnavailableError, Store
from bookstore.payment.domain.payment import Payment, PaymentId
from bookstore.payment.domain.refund import Refund, RefundId, RefundStatus, refusal


class RefundDeclinedError(ConflictError):
    """The card network declined to pay the money back."""

    code = "refund-declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPayment:
    """How much to pay back, who says so, and under which idempotency key."""

    payment_id: PaymentId
    amount: Money
    reason: str | None
    by: UUID | None
    key: str


@dataclass(frozen=True, slots=True)
class PayRefund:
    """Pays it back; a repeated key finds its first refund, and goes on with it if it is open."""

    transact: Transact[Store]
    pay_back: PayBack
    clock: Clock

    async def __call__(self, wish: RefundPayment) -> Refund:
        """Return the refund, still open if the network did not answer.

        Raises PaymentNotFoundError, IdempotencyKeyReusedError, what `refusal` says, and
        RefundDeclinedError.
        """
        payment, refund = await self.transact(lambda store: self._begin(store, wish))
        try:
            refund = await self.pay_back(refund, payment.network_key)
        except NetworkUnavailableError:
            return refund
        if refund.status is RefundStatus.DECLINED:
            raise RefundDeclinedError("the card network declined to pay the money back")
        return refund

    def _begin(self, store: Store, wish: RefundPayment) -> tuple[Payment, Refund]:
        payment = store.payments.get(wish.payment_id)
        if payment is None:
            raise PaymentNotFoundError("there is no such payment")
        refund_id = store.keys.once(
            owner=wish.by,
            key=wish.key,
            request=(str(payment.id), wish.amount.amount, wish.amount.currency, wish.reason),
            now=self.clock.now(),
            begin=lambda: self._start(store, payment, wish),
        )
        refund = store.refunds.get(RefundId(refund_id))
        if refund is None:
            raise RefundNotFoundError("the refund of this key is gone")
        return payment, refund

    def _start(self, store: Store, payment: Payment, wish: RefundPayment) -> UUID:
        refund_id = RefundId(uuid7())
        refund = Refund.start(
            refund_id=refund_id,
            payment_id=payment.id,
            network_key=f"refund:{refund_id}",
            amount=wish.amount,
            reason=wish.reason,
            now=self.clock.now(),
        )
        if not store.refunds.start(refund):
            raise refusal(payment, wish.amount)
        return refund_id
