"""The sagas of an order, as tables; they begin and end with our own steps.

`input.x` is what a saga was requested with (application.place_order, cancel_order, ship_order).
"""

from bookstore.saga.registry import Sagas
from bookstore.saga.spec import NOTHING, Retry, Saga, Step

_ORDER = {"order_id": "input.order_id"}
_PAYMENT = _ORDER | {name: f"input.{name}" for name in ("user_id", "amount", "currency", "token")}
_BOOKS = _ORDER | {"lines": "input.lines"}

# fmt: off
PLACE_ORDER = Saga("place_order", version=1, steps=(
    Step("place_order",         do="order.place",       undo="order.cancel",      input=_ORDER),
    Step("make_payment",        do="payment.authorise", undo="payment.void",      input=_PAYMENT,
         timeout=15, retry=Retry(attempts=1)),  # the call to the card network retries inside
    Step("change_order_status", do="order.mark_paid",   undo="order.unmark_paid", input=_ORDER),
    Step("reserve_inventory",   do="inventory.reserve", undo="inventory.release", input=_BOOKS,
         pivot=True),
    Step("capture_payment",     do="payment.capture",   input=_ORDER),
    Step("confirm_order",       do="order.confirm",     input=_ORDER),
))

CANCEL_ORDER = Saga("cancel_order", version=1, steps=(
    Step("begin_cancellation",  do="order.begin_cancel",  undo=NOTHING, input=_ORDER, pivot=True),
    Step("refund_payment",      do="payment.refund",      input=_ORDER),
    Step("release_inventory",   do="inventory.release",   input=_ORDER),
    Step("finish_cancellation", do="order.finish_cancel", input=_ORDER),
))

SHIP_ORDER = Saga("ship_order", version=1, steps=(
    Step("begin_shipment",      do="order.begin_ship",  undo=NOTHING, input=_ORDER, pivot=True),
    Step("ship_inventory",      do="inventory.ship",    input=_ORDER),
))
# fmt: on

SAGAS = Sagas(PLACE_ORDER, CANCEL_ORDER, SHIP_ORDER)
