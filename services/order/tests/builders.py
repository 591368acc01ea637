"""Orders to test with: Ada buys two copies of Clean Code, unless a test says otherwise."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bookstore.kit.caller import Caller, Role
from bookstore.kit.ids import uuid7
from bookstore.kit.money import Money
from bookstore.order.application.place_order import PlaceOrderCommand
from bookstore.order.application.ports import Purchase, PurchaseKey
from bookstore.order.domain.basket import BookId, Line, Offer, Wish, cost
from bookstore.order.domain.order import Order, OrderId, Status, UserId

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ADA = UserId(UUID("01938a5e-0000-7000-8000-00000000ada0"))
BOB = UserId(UUID("01938a5e-0000-7000-8000-00000000b0b0"))
STAFF = UUID("01938a5e-0000-7000-8000-0000000000ff")

CLEAN_CODE, REFACTORING, HANGUL = BookId(1), BookId(2), BookId(3)
OFFERS = {
    CLEAN_CODE: Offer("Clean Code", Money(3999, "USD")),
    REFACTORING: Offer("Refactoring", Money(4599, "USD")),
    HANGUL: Offer("한글", Money(15_000, "KRW")),
}

ada = Caller(id=ADA, roles=frozenset({Role.ORDER, Role.PROFILE, Role.VIEW}))
bob = Caller(id=BOB, roles=frozenset({Role.ORDER, Role.PROFILE, Role.VIEW}))
staff = Caller(id=STAFF, roles=frozenset({Role.MANAGE}))
service = Caller(roles=frozenset({Role.ORDER}))


def a_line(book_id: BookId = CLEAN_CODE, quantity: int = 2, index: int = 0) -> Line:
    offer = OFFERS[book_id]
    return Line(
        book_id=book_id,
        title=offer.title,
        quantity=quantity,
        unit_price=offer.price,
        index=index,
    )


def an_order(**changes: Any) -> Order:
    lines = changes.pop("lines", (a_line(),))
    given: dict[str, Any] = {
        "id": OrderId(uuid7()),
        "user_id": ADA,
        "lines": lines,
        "total": cost(lines),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Order(**(given | changes))


def an_order_that_is(status: Status, **changes: Any) -> Order:
    """Walk a new order to the status, the shortest way."""
    order = an_order(**changes)
    walks = {
        Status.PENDING: "",
        Status.PLACED: "place",
        Status.PAID: "place mark_paid",
        Status.CONFIRMED: "place mark_paid confirm",
        Status.SHIPPING: "place mark_paid confirm ship",
        Status.COMPLETED: "place mark_paid confirm ship complete",
    }
    if status in walks:
        for step in walks[status].split():
            getattr(order, step)(NOW)
        return order
    order = an_order_that_is(Status.CONFIRMED, **changes)
    order.begin_cancelling("cancelled-by-customer", NOW)
    if status is Status.CANCELLED:
        order.cancel("order-cancelled", NOW)
    return order


def a_command(**changes: Any) -> PlaceOrderCommand:
    given: dict[str, Any] = {
        "key": PurchaseKey(ADA, "key-1"),
        "fingerprint": "the same",
        "wishes": (Wish(CLEAN_CODE, 2),),
        "token": "tok_visa",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "patience": 5.0,
    }
    return PlaceOrderCommand(**(given | changes))


def a_purchase(order: Order, **changes: Any) -> Purchase:
    given: dict[str, Any] = {
        "key": PurchaseKey(order.user_id, "key-1"),
        "fingerprint": "the same",
        "order_id": order.id,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "created_at": NOW,
    }
    return Purchase(**(given | changes))
