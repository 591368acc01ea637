"""Paying back: an open refund is asked for at the card network, as often as it takes."""

from dataclasses import dataclass
from datetime import datetime

from bookstore.kit.clock import Clock
from bookstore.kit.errors import UnavailableError
from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import Transact
from bookstore.payment.application.ports import Approved, CardNetwork, Declined, Store
from bookstore.payment.domain.payment import Payment, Status
from bookstore.payment.domain.refund import Refund, RefundId


class RefundUnderWayError(UnavailableError):
    """Another refund's outcome is still unknown, and so is what is left to pay back."""

    code = "refund-under-way"


@dataclass(frozen=True, slots=True)
class PayBack:
    """Brings a refund to its end; its own key at the network makes that once."""

    transact: Transact[Store]
    network: CardNetwork
    clock: Clock

    async def __call__(self, refund: Refund, network_key: str) -> Refund:
        """Return the refund as it ended; raises NetworkUnavailableError and leaves it open."""
        if not refund.is_open:
            return refund
        reply = await self.network.refund(network_key, refund.network_key, refund.amount)
        return await self.transact(lambda store: self._settle(store, refund.id, reply))

    def _settle(self, store: Store, refund_id: RefundId, reply: Approved | Declined) -> Refund:
        refund = store.refunds.get(refund_id)
        payment = store.payments.get(refund.payment_id) if refund else None
        if refund is None or payment is None:
            raise LookupError(f"refund {refund_id} is gone")
        if refund.is_open and isinstance(reply, Declined):
            refund.decline(self.clock.now())
            store.refunds.save(refund)
        elif refund.is_open:
            refund.settle(payment, self.clock.now())
            store.refunds.save(refund)
            store.payments.save(payment)
        return refund


def start_return(store: Store, payment: Payment, key: str, now: datetime) -> Refund | None:
    """Start to pay back all that is left of a payment, once per key; None if nothing is.

    Raises RefundUnderWayError while another refund is open, since what is left depends on it.
    """
    refund = store.refunds.under(key)
    if refund is not None or payment.status is not Status.CAPTURED:
        return refund
    if payment.refundable.amount == 0:
        payment.pay_back(payment.refundable, now)
        store.payments.save(payment)
        return None
    refund = Refund.start(
        refund_id=RefundId(uuid7()),
        payment_id=payment.id,
        network_key=key,
        amount=payment.refundable,
        reason=None,
        now=now,
    )
    if not store.refunds.start(refund):
        raise RefundUnderWayError("another refund of the payment is under way")
    return refund
