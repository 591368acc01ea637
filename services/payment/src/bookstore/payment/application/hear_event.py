"""Hearing from the card network: its events may come twice, late and in any order.

An event only ever moves a payment forward, by one move of its table. Refunds are not moved by
events: each has its own key, under which the network itself is asked until it answers. What an
event says that does not fit our books is told to the log, for people to look at (ADR 13).
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bookstore.kit.clock import Clock
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from bookstore.payment.application.ports import Store
from bookstore.payment.domain.payment import Payment, PaymentId, Status


class Effect(StrEnum):
    """What an event did."""

    APPLIED = "applied"
    NONE = "none"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What the network reports: `type` is a status, perhaps after `payment.`."""

    id: str
    type: str
    payment_id: PaymentId
    amount: Money


_LOG = logging.getLogger(__name__)
_MOVES: Mapping[str, tuple[Status, Callable[[Payment, datetime], None]]] = {
    "authorised": (Status.AUTHORISED, Payment.authorise),
    "captured": (Status.CAPTURED, Payment.capture),
    "voided": (Status.VOIDED, Payment.void),
    "declined": (
        Status.DECLINED,
        lambda payment, now: payment.decline("card-declined", now),
    ),
}


@dataclass(frozen=True, slots=True)
class HearEvent:
    """Applies an event once."""

    transact: Transact[Store]
    clock: Clock

    async def __call__(self, event: Event) -> Effect:
        """Return what it did: nothing if it is known, too late, or about another amount."""
        return await self.transact(lambda store: self._hear(store, event))

    def _hear(self, store: Store, event: Event) -> Effect:
        payment = store.payments.get(event.payment_id)
        if payment is None:
            return Effect.LEFT
        if not store.events.remember(event.id, payment.id, self.clock.now()):
            return Effect.NONE
        if not _fits(event, payment) and not _is_our_refund(store, event, payment):
            _LOG.warning(
                "event %s says %s of %s, which does not fit payment %s of order %s: "
                "%s, of %s, %s of it refunded",
                *(event.id, event.type, event.amount, payment.id, payment.order_id),
                *(payment.status, payment.amount, payment.refunded),
            )
            return Effect.NONE
        if not self._move(payment, event.type):
            return Effect.NONE
        store.payments.save(payment)
        return Effect.APPLIED

    def _move(self, payment: Payment, kind: str) -> bool:
        move = _MOVES.get(kind.removeprefix("payment."))
        if move is None or not payment.can_become(move[0]):
            return False
        move[1](payment, self.clock.now())
        return True


def _fits(event: Event, payment: Payment) -> bool:
    """Whether it is about the payment's amount; of a refund, about no more than we paid back."""
    if event.type.removeprefix("payment.") != Status.REFUNDED:
        return event.amount == payment.amount
    known = event.amount.currency == payment.amount.currency
    return known and event.amount.amount <= payment.refunded.amount


def _is_our_refund(store: Store, event: Event, payment: Payment) -> bool:
    """Whether it may be about a refund of ours whose answer we are still waiting for."""
    kind = event.type.removeprefix("payment.")
    return kind == Status.REFUNDED and store.refunds.is_under_way(payment.id)
