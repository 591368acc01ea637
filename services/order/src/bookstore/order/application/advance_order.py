"""Our own steps of the sagas: each is one unit of work, run once by the saga's inbox.

A step that must not be done raises a ConflictError, which is a rejection. What is undone may
never have been done, so an undo acts on what it finds, and never refuses.
"""

from dataclasses import dataclass

from bookstore.kit.clock import Clock
from bookstore.order.application.ports import OrderStore
from bookstore.order.domain.ending import Cause, Ending, OrderCancelledError, failed
from bookstore.order.domain.order import Order, OrderId, Status, TooLateError


@dataclass(frozen=True, slots=True)
class AdvanceOrder:
    """Moves an order along, or back."""

    clock: Clock

    def place(self, store: OrderStore, order_id: OrderId) -> Order:
        """Give the order its number."""
        order = store.orders.hold(order_id)
        order.place(self.clock.now())
        store.orders.save(order)
        return order

    def cancel(self, store: OrderStore, order_id: OrderId, cause: Cause) -> None:
        """Undo `place`: end the order, and say why to whoever waits for it."""
        order = store.orders.hold(order_id)
        if order.status is Status.CANCELLED:
            return
        order.cancel(cause.ending, self.clock.now())
        store.orders.save(order)
        store.purchases.end(order.id, failed(order, cause))

    def mark_paid(self, store: OrderStore, order_id: OrderId) -> None:
        """Note that the money is held."""
        order = store.orders.hold(order_id)
        order.mark_paid(self.clock.now())
        store.orders.save(order)

    def unmark_paid(self, store: OrderStore, order_id: OrderId, cause: Cause) -> None:
        """Undo `mark_paid`."""
        order = store.orders.hold(order_id)
        if order.status is Status.PAID:
            order.begin_cancelling(cause.ending, self.clock.now())
            store.orders.save(order)

    def confirm(self, store: OrderStore, order_id: OrderId) -> None:
        """End the purchase well, and tell whoever waits for it."""
        order = store.orders.hold(order_id)
        order.confirm(self.clock.now())
        store.orders.save(order)
        store.purchases.end(order.id, Ending(order=order))

    def begin_cancel(self, store: OrderStore, order_id: OrderId) -> None:
        """Begin to pay an order back, wherever an abandoned purchase has left it."""
        order = store.orders.hold(order_id)
        match order.status:
            case Status.CANCELLING | Status.CANCELLED:
                return
            case Status.PENDING | Status.PLACED:
                order.request_cancellation("cancelled-by-staff", self.clock.now())
            case Status.PAID | Status.CONFIRMED:
                order.begin_cancelling("cancelled-by-staff", self.clock.now())
            case _:
                raise TooLateError(f"order {order_id} is {order.status}")
        store.orders.save(order)

    def finish_cancel(self, store: OrderStore, order_id: OrderId) -> None:
        """End an order that was paid back, and tell whoever still waits for it."""
        order = store.orders.hold(order_id)
        if order.status is Status.CANCELLED:
            return
        order.cancel(OrderCancelledError.code, self.clock.now())
        store.orders.save(order)
        store.purchases.end(order.id, Ending(order=order, code=OrderCancelledError.code))

    def begin_ship(self, store: OrderStore, order_id: OrderId) -> None:
        """Make sure that the order is on its way."""
        order = store.orders.hold(order_id)
        if order.status is not Status.SHIPPING:
            order.ship(self.clock.now())
            store.orders.save(order)
