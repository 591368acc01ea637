"""Authorising: the order's money is held at the card network, none of it taken yet.

The network is outside our database, so the story has three parts: `start` commits that an
attempt is under way and until when; `ask` calls the network under our key; `finish` commits
what came of it. Whoever dies between two parts leaves enough behind to be finished, or undone.
An event that says otherwise may come in between; then nothing is done, and `revoke` lets go.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from bookstore.kit.clock import Clock
from bookstore.kit.errors import UnavailableError
from bookstore.kit.ids import uuid7
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from bookstore.payment.application.find_payments import started_for
from bookstore.payment.application.ports import (
    Approved,
    CardNetwork,
    Declined,
    Release,
    Store,
)
from bookstore.payment.domain.payment import OrderId, Payment, PaymentId, Status, UserId
from bookstore.saga.inbox import UNDONE
from bookstore.saga.task import Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorise:
    """Whose card shall be good for how much, and under which key the network is asked."""

    key: str
    order_id: OrderId
    user_id: UserId
    amount: Money
    token: str


@dataclass(frozen=True, slots=True)
class AuthorisePayment:
    """Holds the money; `patience` is how long an attempt may keep asking the network."""

    transact: Transact[Store]
    network: CardNetwork
    clock: Clock
    patience: timedelta

    def start(self, store: Store, wish: Authorise) -> Payment:
        """Note that an attempt is under way; a repeated one goes on where the first ended."""
        now = self.clock.now()
        payment = store.payments.of_order(wish.order_id)
        if payment is None:
            payment = Payment.start(
                payment_id=PaymentId(uuid7()),
                order_id=wish.order_id,
                user_id=wish.user_id,
                network_key=wish.key,
                token=wish.token,
                amount=wish.amount,
                deadline=now + self.patience,
                now=now,
            )
            store.payments.add(payment)
        elif payment.network_key != wish.key:
            raise Reject("payment-exists", "the order is paid for by another saga")
        elif payment.has_failed:
            raise _failure(payment)
        elif payment.status is Status.STARTED:
            payment.deadline = now + self.patience
            store.payments.save(payment)
        return payment

    async def ask(self, wish: Authorise) -> Approved | Declined:
        """Ask the network to hold the money; raises NetworkUnavailableError."""
        return await self.network.authorise(wish.key, wish.token, wish.amount)

    def finish(
        self, store: Store, wish: Authorise, reply: Approved | Declined
    ) -> dict[str, object] | Reject:
        """Keep the network's answer; done is what it holds, and nothing heard speaks against."""
        payment = started_for(store, wish.order_id)
        now = self.clock.now()
        if isinstance(reply, Declined):
            if payment.refused(reply.code, now):
                store.payments.save(payment)
            return Reject("card-declined", reply.reason)
        if payment.held(now):
            store.payments.save(payment)
        return _failure(payment) if payment.has_failed else {"payment_id": str(payment.id)}

    async def revoke(self, wish: Authorise) -> None:
        """Let go of what may be held for a payment that failed; what fails here the undo mends."""
        payment = await self.transact(lambda store: store.payments.of_order(wish.order_id))
        if payment is None or payment.network_key != wish.key or payment.is_over:
            return
        with suppress(UnavailableError):
            if payment.has_failed and await self.network.void(wish.key) is Release.VOIDED:
                await self.transact(lambda store: self._let_go(store, wish))

    def _let_go(self, store: Store, wish: Authorise) -> None:
        payment = started_for(store, wish.order_id)
        if payment.let_go(self.clock.now()):
            store.payments.save(payment)


def _failure(payment: Payment) -> Reject:
    if payment.status is Status.DECLINED:
        return Reject("card-declined", "the card was declined")
    return Reject(UNDONE, "the payment was voided meanwhile")
