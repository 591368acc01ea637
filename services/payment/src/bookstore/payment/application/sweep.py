"""Sweeping: what was left behind by crashes and lost answers is brought to its end.

Refunds that are still open are asked for again under their own keys; money that is held for an
order which was cancelled, or never came to be, is let go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bookstore.kit.clock import Clock
from bookstore.kit.errors import UnavailableError
from bookstore.kit.transaction import Transact
from bookstore.payment.application.pay_back import PayBack
from bookstore.payment.application.ports import Orders, Store
from bookstore.payment.application.void_payment import VoidPayment
from bookstore.payment.domain.payment import Payment
from bookstore.payment.domain.refund import Refund

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a round did, and what must wait for the next."""

    refunds: int = 0
    voids: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One round; things younger than `patience` may still be on their way by themselves."""

    transact: Transact[Store]
    pay_back: PayBack
    void: VoidPayment
    orders: Orders
    clock: Clock
    refund_patience: timedelta = timedelta(seconds=30)
    payment_patience: timedelta = timedelta(minutes=10)

    async def __call__(self) -> Swept:
        """Do one round; what cannot be done now is left for the next."""
        refunds, payments = await self.transact(self._left_behind)
        done = left = voids = 0
        for payment, refund in refunds:
            try:
                await self.pay_back(refund, payment.network_key)
                done += 1
            except UnavailableError:
                left += 1
        for payment in payments:
            try:
                voids += await self._let_go(payment)
            except UnavailableError:
                left += 1
        return Swept(refunds=done, voids=voids, left=left)

    def _left_behind(
        self, store: Store
    ) -> tuple[Sequence[tuple[Payment, Refund]], Sequence[Payment]]:
        now = self.clock.now()
        refunds = store.refunds.open_before(now - self.refund_patience, _AT_ONCE)
        paired = [
            (payment, refund)
            for refund in refunds
            if (payment := store.payments.get(refund.payment_id)) is not None
        ]
        return paired, store.payments.unsettled(now - self.payment_patience, _AT_ONCE)

    async def _let_go(self, payment: Payment) -> bool:
        """Void the payment of an order that is over; False if the order may still need it."""
        if not await self.orders.is_over(payment.order_id):
            return False
        await self.void.ask(payment)
        await self.transact(lambda store: self.void.finish(store, payment.order_id))
        return True
