"""Looking at orders and at what is being done about them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bookstore.kit.caller import Caller
from bookstore.kit.transaction import Transact
from bookstore.order.application.ports import OrderStore, Page, Search
from bookstore.order.domain.basket import BookId
from bookstore.order.domain.order import Order, OrderId, OrderNotFoundError, UserId
from bookstore.saga.ports import SagaNotFoundError, SagaView


@dataclass(frozen=True, slots=True)
class FindOrders:
    """Finds orders; customers see their own, staff see all."""

    read: Transact[OrderStore]

    async def get(self, order_id: OrderId, caller: Caller) -> Order:
        """Look at one order; raises OrderNotFoundError, also if it is somebody else's."""
        return visible(await self.read(lambda store: store.orders.get(order_id)), caller)

    async def search(self, search: Search, caller: Caller) -> Page:
        """Look at many, or at one's own."""
        if not caller.is_staff:
            if caller.id is None or search.user_id not in (None, caller.id):
                return Page(0, (), more=False)
            search = replace(search, user_id=UserId(caller.id))
        return await self.search_all(search)

    async def saga(self, order_id: OrderId, name: str | None, caller: Caller) -> SagaView:
        """Follow the newest saga of an order, or its newest of that name."""

        def look(store: OrderStore) -> SagaView:
            visible(store.orders.get(order_id), caller)
            view = store.sagas.newest(str(order_id), name)
            if view is None:
                raise SagaNotFoundError(f"order {order_id} has no saga {name}")
            return view

        return await self.read(look)

    async def of(self, order_id: OrderId, user_id: UserId | None) -> Order:
        """Find an order for another service, only if it is that user's."""
        order = await self.read(lambda store: store.orders.get(order_id))
        if user_id is not None and order.user_id != user_id:
            raise OrderNotFoundError(order_id)
        return order

    async def search_all(self, search: Search) -> Page:
        """Find orders for another service."""
        return await self.read(lambda store: store.orders.search(search))

    async def ready(self) -> None:
        """Raise if the database does not answer."""
        await self.read(lambda _store: None)

    async def count_open(self, user_id: UserId) -> int:
        """Count the user's orders that may still change."""
        return await self.read(lambda store: store.orders.count_open(user_id))

    async def ever_ordered(self, book_ids: Collection[BookId]) -> Sequence[BookId]:
        """Find which of the books were ever ordered."""
        return await self.read(lambda store: store.orders.ever_ordered(book_ids))


def visible(order: Order, caller: Caller) -> Order:
    """Return the order if the caller may see it; raises OrderNotFoundError."""
    if not caller.is_staff and not caller.owns(order.user_id):
        raise OrderNotFoundError(order.id)
    return order
