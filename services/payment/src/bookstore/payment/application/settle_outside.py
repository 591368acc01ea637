"""Settling outside: what the card network declined to pay back was given back in another way.

Staff say so of an order's cancellation. From then on the money counts as given back: a refund of
it would be a second one.
"""

from dataclasses import dataclass

from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact
from bookstore.payment.application.find_payments import PaymentNotFoundError
from bookstore.payment.application.pay_back import RefundUnderWayError
from bookstore.payment.application.ports import Store
from bookstore.payment.domain.payment import OrderId, Payment


@dataclass(frozen=True, slots=True)
class SettleOutside:
    """Counts the rest of a payment as given back, once, however often it is asked for."""

    transact: Transact[Store]
    clock: Clock

    async def __call__(self, order_id: OrderId) -> Payment:
        """Return the payment as it is then.

        Raises PaymentNotFoundError, IllegalMoveError if no money was taken, and
        RefundUnderWayError while a refund of the payment may still succeed.
        """
        return await self.transact(lambda store: self._settle(store, order_id))

    def _settle(self, store: Store, order_id: OrderId) -> Payment:
        payment = store.payments.of_order(order_id)
        if payment is None:
            raise PaymentNotFoundError("the order has no payment")
        if store.refunds.is_under_way(payment.id):
            raise RefundUnderWayError("a refund of the payment is under way, and may succeed")
        payment.settle_outside(self.clock.now())
        store.payments.save(payment)
        return payment
