"""Capturing: the money that is held for an order is taken, once the books are reserved."""

from dataclasses import dataclass

from bookstore.kit.clock import Clock
from bookstore.payment.application.find_payments import started_for
from bookstore.payment.application.ports import Approved, CardNetwork, Declined, Store
from bookstore.payment.domain.payment import OrderId, Payment, Status
from bookstore.saga.task import Reject


@dataclass(frozen=True, slots=True)
class CapturePayment:
    """Takes the money; a refusal comes after the saga's pivot, so people must look at it."""

    network: CardNetwork
    clock: Clock

    def start(self, store: Store, order_id: OrderId) -> Payment:
        """Look whether there is money to take; a void that is only hearsay is no reason not to."""
        payment = store.payments.of_order(order_id)
        if payment is None or not payment.may_be_captured:
            stands = "missing" if payment is None else payment.status
            raise Reject("payment-not-authorised", f"the payment is {stands}")
        return payment

    async def ask(self, payment: Payment) -> Approved | Declined:
        """Ask the network to take the money, whatever events said; raises as the port does."""
        if payment.status is Status.REFUNDED:
            return Approved()
        return await self.network.capture(payment.network_key)

    def finish(
        self, store: Store, order_id: OrderId, reply: Approved | Declined
    ) -> dict[str, object] | Reject:
        """Keep that the money was taken; an event may have told us before."""
        if isinstance(reply, Declined):
            return Reject("capture-declined", reply.reason)
        payment = started_for(store, order_id)
        if payment.took(self.clock.now()):
            store.payments.save(payment)
        return {}
