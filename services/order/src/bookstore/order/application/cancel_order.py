"""Cancelling an order: called off before it is paid, paid back once it is confirmed."""

from dataclasses import dataclass

from bookstore.kit.caller import Caller
from bookstore.kit.clock import Clock
from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import Transact
from bookstore.order.application.find_orders import visible
from bookstore.order.application.ports import OrderStore
from bookstore.order.application.waiting import WaitingRoom
from bookstore.order.domain.order import Order, OrderId, Status
from bookstore.saga.ports import SagaEngine, SagaRequest

_DONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrderCommand:
    """Which order, who wants it, and how long they wait for the end, in seconds.

    `traceparent` is the span of the request (W3C Trace Context): the refund goes on from it.
    """

    order_id: OrderId
    caller: Caller
    key: str | None = None
    patience: float
    traceparent: str


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The order, and whether there is nothing left to wait for."""

    order: Order
    is_over: bool


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Decides how an order is cancelled, then waits until it is.

    The first to change the status wins: whoever comes after a shipment is too late.
    """

    transact: Transact[OrderStore]
    read: Transact[OrderStore]
    engine: SagaEngine
    room: WaitingRoom
    clock: Clock

    async def __call__(self, command: CancelOrderCommand) -> Cancellation:
        until = self.room.until(command.patience)
        saga_id = await self.transact(lambda store: self._begin_once(store, command))
        if saga_id != _DONE:
            self.engine.wake(saga_id)
            await self.room.wait(self.engine.ended(saga_id), until)
        order = await self.read(lambda store: store.orders.get(command.order_id))
        return Cancellation(order, saga_id == _DONE or order.status is Status.CANCELLED)

    def _begin_once(self, store: OrderStore, command: CancelOrderCommand) -> str:
        visible(store.orders.get(command.order_id), command.caller)
        return store.keys.once(
            owner=str(command.caller.id),
            operation="cancel_order",
            key=command.key,
            request=str(command.order_id),
            now=self.clock.now(),
            effect=lambda: self._begin(store, command),
        )

    def _begin(self, store: OrderStore, command: CancelOrderCommand) -> str:
        """Begin; return the saga that will see to it, if there is anything left to do."""
        order = store.orders.hold(command.order_id)
        owner = command.caller.owns(order.user_id)
        reason = "cancelled-by-customer" if owner else "cancelled-by-staff"
        match order.status:
            case Status.CANCELLING | Status.CANCELLED:
                return _DONE
            case Status.CONFIRMED:
                order.begin_cancelling(reason, self.clock.now())
                saga = refund(order.id, command.traceparent)
                store.sagas.request(saga)
                saga_id = saga.saga_id
            case _:
                order.request_cancellation(reason, self.clock.now())
                saga_id = str(order.id)  # the purchase itself turns round
        store.orders.save(order)
        return saga_id


def refund(order_id: OrderId, traceparent: str) -> SagaRequest:
    """Return the request for the saga that pays an order back."""
    subject = str(order_id)
    return SagaRequest(
        name="cancel_order",
        saga_id=str(uuid7()),
        subject=subject,
        input={"order_id": subject},
        traceparent=traceparent,
    )
