"""Placing an order: priced, kept with its key and its saga, then seen through to the end.

However often a request with one key arrives, at the same moment or later, in this process or
another, there is one order, and everybody is told the same ending.

Whose account was deleted or disabled buys no more, though their access token may be good for
another 15 minutes. While nobody can be asked about accounts, the token is believed: better one
late order of somebody who has just left than no orders at all.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from bookstore.kit.clock import Clock
from bookstore.kit.errors import (
    ConflictError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    UnavailableError,
)
from bookstore.kit.ids import uuid7
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from bookstore.order.application.ports import (
    Accounts,
    KeyTakenError,
    OrderStore,
    PriceList,
    Purchase,
    PurchaseKey,
)
from bookstore.order.application.waiting import WaitingRoom
from bookstore.order.domain.address import ShippingAddress
from bookstore.order.domain.basket import Wish, cost, price
from bookstore.order.domain.order import Order, OrderId, UserId
from bookstore.saga.ports import SagaEngine, SagaRequest

KEPT_FOR = timedelta(days=7)


class RequestInProgressError(ConflictError):
    """A request with the same key has only just begun: repeat yours after Retry-After."""

    code = "request-in-progress"


class AccountClosedError(ForbiddenError):
    """Your account was deleted or disabled since you signed in: it buys nothing more."""

    code = "account-closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrderCommand:
    """What is to be bought, for whom, and how long they wait for the end, in seconds.

    `traceparent` is the span of the request (W3C Trace Context): the saga goes on from it.
    """

    key: PurchaseKey
    fingerprint: str
    wishes: Sequence[Wish]
    token: str
    expected_total: Money | None = None
    shipping_address: ShippingAddress | None = None
    trace_id: str
    traceparent: str
    patience: float


@dataclass(frozen=True, slots=True)
class Placement:
    """What came of it: the purchase, with its ending if there is one, and the order."""

    purchase: Purchase
    order: Order


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Accepts a purchase once per key, then waits for its end.

    A twin waits for the first to commit, `commits_within` seconds even if it does not wait for
    the end: only then there is an order to answer with.
    """

    transact: Transact[OrderStore]
    read: Transact[OrderStore]
    price_list: PriceList
    accounts: Accounts
    engine: SagaEngine
    room: WaitingRoom
    clock: Clock
    commits_within: float = 1.0
    _accepting: "dict[PurchaseKey, _First]" = field(default_factory=dict)

    async def __call__(self, command: PlaceOrderCommand) -> Placement:
        until = self.room.until(command.patience)
        accepted = await self._accept_once(command, until)
        purchase = await self._see_through(accepted, until)
        if purchase.ending is not None:
            return Placement(purchase, purchase.ending.order)
        return Placement(purchase, await self.read(lambda s: s.orders.get(purchase.order_id)))

    async def _accept_once(self, command: PlaceOrderCommand, until: float) -> Purchase:
        """Accept it, or share what comes of a twin that is being accepted."""
        until = max(until, self.room.until(self.commits_within))
        while (first := self._accepting.get(command.key)) is not None:
            _must_match(command, first.fingerprint)
            if not await self.room.wait(first.over.wait(), until):
                raise RequestInProgressError(
                    "a request with this Idempotency-Key has just begun", retry_after=1
                )
            if first.refusal is not None:
                raise first.refusal
            if first.purchase is not None:
                return first.purchase
        first = self._accepting[command.key] = _First(command.fingerprint)
        try:
            first.purchase = await self._accept(command)
        except Exception as refusal:
            first.refusal = refusal
            raise
        finally:
            del self._accepting[command.key]
            first.over.set()
        return first.purchase

    async def _accept(self, command: PlaceOrderCommand) -> Purchase:
        """Return the purchase of this key: the one there is, or a new one."""
        purchase = await self.read(lambda store: store.purchases.find(command.key))
        if purchase is None:
            purchase = await self._keep(command, await self._priced(command))
        _must_match(command, purchase.fingerprint)
        return purchase

    async def _priced(self, command: PlaceOrderCommand) -> Order:
        """Make an order of it, at today's prices, for somebody who still has an account."""
        book_ids = [wish.book_id for wish in command.wishes]
        try:
            async with asyncio.TaskGroup() as group:
                is_open = group.create_task(self._has_account(command.key.user_id))
                offers = group.create_task(self.price_list.offers(book_ids))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        if not is_open.result():
            raise AccountClosedError("this account was deleted or disabled")
        lines = price(command.wishes, offers.result())
        now = self.clock.now()
        return Order(
            id=OrderId(uuid7()),
            user_id=command.key.user_id,
            lines=lines,
            total=cost(lines, expected=command.expected_total),
            shipping_address=command.shipping_address,
            created_at=now,
            updated_at=now,
        )

    async def _has_account(self, user_id: UserId) -> bool:
        """Believe the token while nobody can be asked."""
        try:
            return await self.accounts.is_open(user_id)
        except UnavailableError:
            return True

    async def _keep(self, command: PlaceOrderCommand, order: Order) -> Purchase:
        """Keep the order, its key and the request for its saga, all or nothing."""
        purchase = Purchase(
            key=command.key,
            fingerprint=command.fingerprint,
            order_id=order.id,
            trace_id=command.trace_id,
            created_at=order.created_at,
        )
        saga = SagaRequest(
            name="place_order",
            saga_id=str(order.id),
            subject=str(order.id),
            input=_saga_input(order, command.token),
            traceparent=command.traceparent,
        )

        def keep(store: OrderStore) -> None:
            store.purchases.add(purchase)
            store.orders.add(order)
            store.sagas.request(saga)

        try:
            await self.transact(keep)
        except KeyTakenError:
            return await self.transact(partial(_found, key=command.key))
        self.engine.wake(saga.saga_id)
        return purchase

    async def _see_through(self, purchase: Purchase, until: float) -> Purchase:
        """Wait for the ending; a saga that was abandoned is followed by another."""
        order_id = str(purchase.order_id)
        saga_id = order_id
        while purchase.ending is None:
            if not await self.room.wait(self.engine.ended(saga_id), until):
                break
            purchase = await self.read(partial(_found, key=purchase.key))
            if purchase.ending is None:
                newest = await self.read(lambda store: store.sagas.newest(order_id))
                if newest is None or newest.saga_id == saga_id:
                    break  # it is stuck: staff have to decide
                saga_id = newest.saga_id
        return purchase


class _First:
    """The first of several equal requests, while it is being accepted."""

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.over = asyncio.Event()
        self.purchase: Purchase | None = None
        self.refusal: Exception | None = None


def _must_match(command: PlaceOrderCommand, fingerprint: str) -> None:
    if command.fingerprint != fingerprint:
        raise IdempotencyKeyReusedError("this Idempotency-Key was used for another request")


def _found(store: OrderStore, key: PurchaseKey) -> Purchase:
    purchase = store.purchases.find(key)
    if purchase is None:
        raise LookupError(f"a key that was accepted is gone: {key.key}")
    return purchase


def _saga_input(order: Order, token: str) -> dict[str, object]:
    return {
        "order_id": str(order.id),
        "user_id": str(order.user_id),
        "amount": order.total.amount,
        "currency": order.total.currency,
        "token": token,
        "lines": [{"book_id": line.book_id, "quantity": line.quantity} for line in order.lines],
    }
