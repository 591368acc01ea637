"""Returning: a cancelled order's money goes back, whatever is left of it.

What is only held is let go; what was taken is paid back, less what was refunded before.
"""

from dataclasses import dataclass

from bookstore.kit.clock import Clock
from bookstore.payment.application.pay_back import PayBack, start_return
from bookstore.payment.application.ports import Store
from bookstore.payment.application.void_payment import VoidPayment
from bookstore.payment.domain.payment import OrderId, Payment, Status
from bookstore.payment.domain.refund import Refund, RefundStatus
from bookstore.saga.task import Reject


@dataclass(frozen=True, slots=True)
class Returning:
    """What is on its way back: a refund of what was taken, or else a hold to let go."""

    payment: Payment | None
    refund: Refund | None


@dataclass(frozen=True, slots=True)
class ReturnPayment:
    """Gives the rest back; a refund that the network declines is for people to look at."""

    void: VoidPayment
    pay_back: PayBack
    clock: Clock

    def start(self, store: Store, key: str, order_id: OrderId) -> Returning:
        """Start the refund of what is left; raises RefundUnderWayError."""
        payment = store.payments.of_order(order_id)
        if payment is None:
            return Returning(None, None)
        return Returning(payment, start_return(store, payment, key, self.clock.now()))

    async def ask(self, returning: Returning) -> None:
        """Ask the network for what is on its way; raises as the port does."""
        payment, refund = returning.payment, returning.refund
        if payment is not None and refund is not None:
            await self.pay_back(refund, payment.network_key)
        elif payment is not None and payment.can_become(Status.VOIDED):
            await self.void.ask(payment)

    def finish(self, store: Store, key: str, order_id: OrderId) -> dict[str, object] | Reject:
        """Keep that nothing is held any more, or that the refund was declined."""
        refund = store.refunds.under(key)
        if refund is not None and refund.status is RefundStatus.DECLINED:
            return Reject("refund-declined", "the card network declined to pay the money back")
        return self.void.finish(store, order_id)
