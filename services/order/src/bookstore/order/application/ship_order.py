"""Sending a confirmed order off, and noting that it has arrived."""

from dataclasses import dataclass

from bookstore.kit.clock import Clock
from bookstore.kit.errors import ConflictError
from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import Transact
from bookstore.order.application.ports import OrderStore
from bookstore.order.domain.order import Order, OrderId
from bookstore.saga.ports import SagaEngine, SagaRequest


class ShipmentOpenError(ConflictError):
    """The shipment is not through yet: the order cannot be completed before it is."""

    code = "shipment-open"


@dataclass(frozen=True, slots=True)
class ShipOrder:
    """Ships a confirmed order; the first to change its status wins against a cancellation."""

    transact: Transact[OrderStore]
    engine: SagaEngine
    clock: Clock

    async def __call__(self, order_id: OrderId, traceparent: str) -> Order:
        """Ship it; the saga goes on from the span of the request (W3C Trace Context)."""
        subject = str(order_id)
        saga = SagaRequest(
            name="ship_order",
            saga_id=str(uuid7()),
            subject=subject,
            input={"order_id": subject},
            traceparent=traceparent,
        )

        def ship(store: OrderStore) -> Order:
            order = store.orders.hold(order_id)
            order.ship(self.clock.now())
            store.orders.save(order)
            store.sagas.request(saga)
            return order

        order = await self.transact(ship)
        self.engine.wake(saga.saga_id)
        return order


@dataclass(frozen=True, slots=True)
class CompleteOrder:
    """Completes an order whose shipment is through."""

    transact: Transact[OrderStore]
    clock: Clock

    async def __call__(self, order_id: OrderId) -> Order:
        return await self.transact(lambda store: self._complete(store, order_id))

    def _complete(self, store: OrderStore, order_id: OrderId) -> Order:
        order = store.orders.hold(order_id)
        shipment = store.sagas.newest(str(order_id), "ship_order")
        if shipment is not None and shipment.is_open:
            raise ShipmentOpenError(f"order {order_id} is still being shipped")
        order.complete(self.clock.now())
        store.orders.save(order)
        return order
