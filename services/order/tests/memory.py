"""The ports of ordering in memory: fakes that lasts as long as a test."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bookstore.kit.errors import IdempotencyKeyReusedError, UnavailableError
from bookstore.order.application.ports import (
    Accounts,
    Keys,
    KeyTakenError,
    Orders,
    Page,
    PriceList,
    Purchase,
    PurchaseKey,
    Purchases,
    Search,
    Settlements,
    Sort,
)
from bookstore.order.domain.basket import BookId, Offer
from bookstore.order.domain.ending import Ending
from bookstore.order.domain.order import Order, OrderId, OrderNotFoundError, UserId
from bookstore.saga.memory import MemoryInbox, summary
from bookstore.saga.ports import (
    SagaEngine,
    SagaExistsError,
    SagaLog,
    SagaRequest,
    SagaRequests,
    SagaSummary,
    SagaView,
    State,
)
from services.order.tests.builders import NOW, OFFERS


class MemoryOrders(Orders):
    def __init__(self) -> None:
        self._orders: dict[OrderId, Order] = {}

    def add(self, order: Order) -> None:
        order.serial = len(self._orders) + 1
        self._orders[order.id] = copy(order)

    def get(self, order_id: OrderId) -> Order:
        if order_id not in self._orders:
            raise OrderNotFoundError(order_id)
        return copy(self._orders[order_id])

    def hold(self, order_id: OrderId) -> Order:
        return self.get(order_id)

    def save(self, order: Order) -> None:
        self._orders[order.id] = copy(order)

    def search(self, search: Search) -> Page:
        found = sorted(
            (order for order in self._orders.values() if _matches(order, search)),
            key=lambda order: _place(order, search),
            reverse=not search.ascending,
        )
        rest = [order for order in found if _follows(order, search)][search.offset :]
        page = [copy(order) for order in rest[: search.limit]]
        return Page(len(found), page, len(rest) > search.limit)

    def count_open(self, user_id: UserId) -> int:
        mine = (order for order in self._orders.values() if order.user_id == user_id)
        return sum(order.is_open for order in mine)

    def ever_ordered(self, book_ids: Collection[BookId]) -> Sequence[BookId]:
        ordered = {line.book_id for order in self._orders.values() for line in order.lines}
        return [book_id for book_id in set(book_ids) if book_id in ordered]


class MemoryPurchases(Purchases):
    def __init__(self) -> None:
        self._purchases: dict[PurchaseKey, Purchase] = {}

    def find(self, key: PurchaseKey) -> Purchase | None:
        return self._purchases.get(key)

    def add(self, purchase: Purchase) -> None:
        if purchase.key in self._purchases:
            raise KeyTakenError("this Idempotency-Key was used a moment ago")
        self._purchases[purchase.key] = purchase

    def end(self, order_id: OrderId, ending: Ending) -> None:
        kept = replace(ending, order=copy(ending.order))
        for key, purchase in self._purchases.items():
            if purchase.order_id == order_id and purchase.ending is None:
                self._purchases[key] = replace(purchase, ending=kept)

    def forget(self, before: datetime) -> int:
        old = [key for key, purchase in self._purchases.items() if purchase.created_at < before]
        for key in old:
            del self._purchases[key]
        return len(old)


class MemoryKeys(Keys):
    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, str], tuple[object, str]] = {}

    def once(  # noqa: PLR0913 — as the port has it
        self,
        *,
        owner: str,
        operation: str,
        key: str | None,
        request: object,
        now: datetime,  # noqa: ARG002 — memory forgets soon enough
        effect: Callable[[], str],
    ) -> str:
        if key is None:
            return effect()
        named = (owner, operation, key)
        if named not in self._answers:
            self._answers[named] = (request, effect())
        before, answer = self._answers[named]
        if before != request:
            raise IdempotencyKeyReusedError("this Idempotency-Key was used for another request")
        return answer


class MemorySagas(SagaRequests, SagaLog):
    def __init__(self) -> None:
        self.views: dict[str, SagaView] = {}
        self.inputs: dict[str, Mapping[str, Any]] = {}

    def request(self, request: SagaRequest) -> None:
        if request.saga_id in self.views:
            raise SagaExistsError(f"saga {request.saga_id} was asked for before")
        self.inputs[request.saga_id] = request.input
        self.views[request.saga_id] = SagaView(
            saga_id=request.saga_id,
            name=request.name,
            version=1,
            subject=request.subject,
            state=State.REQUESTED,
            created_at=NOW,
            updated_at=NOW,
            deadline=NOW,
            timeline=(),
        )

    def find(self, saga_id: str) -> SagaView | None:
        return self.views.get(saga_id)

    def newest(self, subject: str, name: str | None = None) -> SagaView | None:
        views = [view for view in self.views.values() if view.subject == subject]
        named = [view for view in views if name in (None, view.name)]
        return named[-1] if named else None

    def page(
        self, *, state: State | None, created_before: datetime | None, limit: int, offset: int
    ) -> tuple[int, list[SagaSummary]]:
        found = [
            summary(view)
            for view in self.views.values()
            if state in (None, view.state)
            and (created_before is None or view.created_at < created_before)
        ]
        return len(found), found[offset : offset + limit]

    def come_to(self, saga_id: str, state: State, **changes: Any) -> None:
        self.views[saga_id] = replace(self.views[saga_id], state=state, **changes)


@dataclass
class MemoryStore:
    orders: MemoryOrders = field(default_factory=MemoryOrders)
    purchases: MemoryPurchases = field(default_factory=MemoryPurchases)
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    sagas: MemorySagas = field(default_factory=MemorySagas)
    inbox: MemoryInbox = field(default_factory=MemoryInbox)


class HandEngine(SagaEngine):
    """An engine that a test drives by hand."""

    def __init__(self, sagas: MemorySagas | None = None) -> None:
        self.sagas = sagas or MemorySagas()
        self.woken: list[str] = []
        self.called = asyncio.Event()
        self.moves: list[tuple[str, ...]] = []
        self._ends: dict[str, asyncio.Event] = {}

    def wake(self, saga_id: str) -> None:
        self.woken.append(saga_id)
        self.called.set()

    async def ended(self, saga_id: str) -> State:
        await self._ends.setdefault(saga_id, asyncio.Event()).wait()
        return self.sagas.views[saga_id].state

    def end(self, saga_id: str, state: State = State.COMPLETED) -> None:
        self.sagas.come_to(saga_id, state)
        self._ends.setdefault(saga_id, asyncio.Event()).set()

    async def retry(self, saga_id: str, *, by: str, reason: str = "") -> None:
        self.moves.append(("retry", saga_id, by, reason))

    async def retry_all(self, *, by: str, reason: str = "") -> int:
        self.moves.append(("retry-all", by, reason))
        return 3

    async def abandon(
        self, saga_id: str, *, by: str, reason: str, then: SagaRequest | None = None
    ) -> None:
        self.moves.append(("abandon", saga_id, by, reason))
        if then is not None:
            self.sagas.request(then)

    async def settle(self, saga_id: str, *, by: str, reason: str) -> None:
        self.moves.append(("settle", saga_id, by, reason))


class FixedPriceList(PriceList):
    """Prices that change only when a test changes them; the gate holds answers back."""

    def __init__(self) -> None:
        self.offered = dict(OFFERS)
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def offers(self, book_ids: Collection[BookId]) -> Mapping[BookId, Offer]:
        self.asked += 1
        await self.gate.wait()
        return {book_id: self.offered[book_id] for book_id in book_ids if book_id in self.offered}


class KnownAccounts(Accounts):
    """Everybody has an account but those whom a test closes; away, it cannot be asked."""

    def __init__(self, *closed: UserId) -> None:
        self.closed = set(closed)
        self.away = False
        self.asked = asyncio.Event()

    async def is_open(self, user_id: UserId) -> bool:
        self.asked.set()
        if self.away:
            raise UnavailableError("identity cannot be reached")
        return user_id not in self.closed


class KeptSettlements(Settlements):
    """Remembers what was settled; raises what a test puts in its way."""

    def __init__(self) -> None:
        self.settled: list[str] = []
        self.trouble: Exception | None = None

    async def settle(self, order_id: OrderId) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.settled.append(str(order_id))


def _matches(order: Order, search: Search) -> bool:
    return (
        search.user_id in (None, order.user_id)
        and (not search.statuses or order.status in search.statuses)
        and (search.since is None or order.created_at >= search.since)
        and (search.until is None or order.created_at < search.until)
    )


def _place(order: Order, search: Search) -> tuple[Any, OrderId]:
    by_time = search.sort is Sort.CREATED_AT
    return (order.created_at if by_time else order.total.amount), order.id


def _follows(order: Order, search: Search) -> bool:
    if search.after is None:
        return True
    place = _place(order, search)
    return place > search.after if search.ascending else place < search.after
