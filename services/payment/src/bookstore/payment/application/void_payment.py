"""Voiding: what is held for an order is let go again, whatever is known of it.

The tombstone stands before the network is asked (the saga's inbox sees to that), so no new
attempt can begin. One that had begun may still be on its way: "unknown key" is the network's
last word only when none was started, or long enough after the started one's deadline.
"""

from dataclasses import dataclass
from datetime import timedelta

from bookstore.kit.clock import Clock
from bookstore.kit.errors import UnavailableError
from bookstore.kit.transaction import Transact
from bookstore.payment.application.pay_back import PayBack, start_return
from bookstore.payment.application.ports import CardNetwork, Release, Store
from bookstore.payment.domain.payment import OrderId, Payment, Status
from bookstore.payment.domain.refund import Refund, RefundStatus

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
        if payment is None or payment.status is Status.DECLINED:
            return
        match await self.network.void(payment.network_key):
            case Release.UNKNOWN if self.clock.now() < payment.deadline + GRACE:
                raise AttemptUnderWayError("an attempt to pay may still reach the card network")
            case Release.CAPTURED:
                await self._return(payment)

    def finish(self, store: Store, order_id: OrderId) -> dict[str, object]:
        """Keep that nothing is held any more."""
        payment = store.payments.of_order(order_id)
        if payment is not None and payment.can_become(Status.VOIDED):
            payment.void(self.clock.now())
            store.payments.save(payment)
        return {}

    async def _return(self, payment: Payment) -> None:
        """Keep that the money was taken, and pay all of it back."""
        refund = await self.transact(lambda store: self._start_return(store, payment))
        if refund is None:
            return
        refund = await self.pay_back(refund, payment.network_key)
        if refund.status is RefundStatus.DECLINED:
            raise RefundDeclinedError("the card network declined to pay the money back")

    def _start_return(self, store: Store, payment: Payment) -> Refund | None:
        now = self.clock.now()
        for status, move in (
            (Status.AUTHORISED, payment.authorise),
            (Status.CAPTURED, payment.capture),
        ):
            if payment.can_become(status):
                move(now)
                store.payments.save(payment)
        return start_return(store, payment, f"{payment.network_key}:refund", now)
