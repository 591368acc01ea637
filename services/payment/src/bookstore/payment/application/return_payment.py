"""Returning: a cancelled order's money goes back, whatever is left of it.

What is only held is let go; what was taken is paid back, less what was refunded before. Which of
the two it is, the network says: what the row believes may be hearsay.
"""

from dataclasses import dataclass

from bookstore.payment.application.ports import Store
from bookstore.payment.application.void_payment import VoidPayment
from bookstore.payment.domain.payment import OrderId, Payment
from bookstore.payment.domain.refund import RefundStatus
from bookstore.saga.task import Reject


@dataclass(frozen=True, slots=True)
class ReturnPayment:
    """Gives the rest back; a refund that the network declines is for people to look at."""

    void: VoidPayment

    def start(self, store: Store, order_id: OrderId) -> Payment | None:
        """See what there may be to give back."""
        return store.payments.of_order(order_id)

    async def ask(self, payment: Payment | None, key: str) -> None:
        """Ask the network, with this key for a refund; raises as `VoidPayment.release` does."""
        if payment is not None:
            await self.void.release(payment, key)

    def finish(self, store: Store, key: str, order_id: OrderId) -> dict[str, object] | Reject:
        """Keep that nothing is held any more, or that the refund was declined."""
        refund = store.refunds.under(key)
        if refund is not None and refund.status is RefundStatus.DECLINED:
            return Reject("refund-declined", "the card network declined to pay the money back")
        return self.void.finish(store, order_id)
