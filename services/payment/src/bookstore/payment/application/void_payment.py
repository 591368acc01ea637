"""Voiding: what is held for an order is let go again, whatever is known of it.

The tombstone stands before the network is asked (the saga's inbox sees to that), so no new
attempt can begin. One that had begun may still be on its way: "unknown key" is the network's
last word only when none was started, or long enough after the started one's deadline.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from bookstore.kit.clock import Clock
from bookstore.kit.errors import UnavailableError
from bookstore.kit.transaction import Transact
from bookstore.payment.application.find_payments import started_for
from bookstore.payment.application.pay_back import PayBack, start_return
from bookstore.payment.application.ports import CardNetwork, Release, Store
from bookstore.payment.domain.payment import NETWORK_DISAGREED, OrderId, Payment
from bookstore.payment.domain.refund import Refund, RefundStatus

_LOG = logging.getLogger(__name__)
GRACE = timedelta(seconds=60)


class AttemptUnderWayError(UnavailableError):
    """An attempt to authorise may still reach the card network; ask again later."""

    code = "payment-under-way"


class RefundDeclinedError(UnavailableError):
    """The card network does not pay back what it should never have taken; people must look."""

    code = "payment-not-returned"


@dataclass(frozen=True, slots=True)
class VoidPayment:
    """Lets go of the money; pays it back if it was taken after all."""

    transact: Transact[Store]
    network: CardNetwork
    pay_back: PayBack
    clock: Clock

    def start(self, store: Store, order_id: OrderId) -> Payment | None:
        """See what was started."""
        return store.payments.of_order(order_id)

    async def ask(self, payment: Payment | None) -> None:
        """Let the network let go; raises as the port does, or while an attempt is under way."""
        if payment is None:
            return
        refund = await self.release(payment, f"{payment.network_key}:refund")
        if refund is not None and refund.status is RefundStatus.DECLINED:
            raise RefundDeclinedError("the card network declined to pay the money back")

    async def release(self, payment: Payment, refund_key: str) -> Refund | None:
        """Let the network let go, or pay back what it took, under this key; raises as `ask` does.

        The row may know less than the network, or believe what an event said: only what the
        network has confirmed is not asked again.
        """
        if payment.is_over:
            return None
        match await self.network.void(payment.network_key):
            case Release.UNKNOWN if self.clock.now() < payment.deadline + GRACE:
                raise AttemptUnderWayError("an attempt to pay may still reach the card network")
            case Release.CAPTURED:
                refund = await self.transact(
                    lambda store: self._start_return(store, payment.order_id, refund_key)
                )
                return refund and await self.pay_back(refund, payment.network_key)
        return None

    def finish(self, store: Store, order_id: OrderId) -> dict[str, object]:
        """Keep that nothing is held any more."""
        payment = store.payments.of_order(order_id)
        if payment is not None and payment.let_go(self.clock.now()):
            store.payments.save(payment)
            if payment.reason == NETWORK_DISAGREED:
                _LOG.warning(
                    "payment %s of order %s was captured, by an event; the card network, asked, "
                    "took nothing: it is voided",
                    *(payment.id, order_id),
                )
        return {}

    def _start_return(self, store: Store, order_id: OrderId, key: str) -> Refund | None:
        """Keep that the money was taken, and begin to pay back what is left of it."""
        payment = started_for(store, order_id)
        now = self.clock.now()
        if payment.took(now):
            store.payments.save(payment)
        return start_return(store, payment, key, now)
