"""Payments, refunds, tasks and people for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from bookstore.kit.caller import Caller, Role
from bookstore.kit.ids import uuid7
from bookstore.kit.money import Money
from bookstore.payment.domain.payment import OrderId, Payment, PaymentId, UserId
from bookstore.payment.domain.refund import Refund, RefundId
from bookstore.saga.task import Task

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PATIENCE = timedelta(seconds=11)

ADA = UserId(UUID("01938a5e-0000-7000-8000-00000000000a"))
BOB = UserId(UUID("01938a5e-0000-7000-8000-00000000000b"))
ORDER = OrderId(UUID("01938a5e-0000-7000-8000-000000000001"))

CUSTOMER = Caller(id=ADA, roles=frozenset({Role.ORDER}))
STRANGER = Caller(id=BOB, roles=frozenset({Role.ORDER}))
STAFF = Caller(
    id=UUID("01938a5e-0000-7000-8000-00000000000c"), roles=frozenset({Role.MANAGE, Role.ORDER})
)


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def a_payment(  # noqa: PLR0913 — a payment has that many facts
    *,
    amount: Money | None = None,
    order_id: OrderId | None = None,
    user_id: UserId = ADA,
    key: str | None = None,
    token: str = "tok_visa",  # noqa: S107 — a card token is no password
    now: datetime = NOW,
) -> Payment:
    order_id = order_id or OrderId(uuid7())
    return Payment.start(
        payment_id=PaymentId(uuid7()),
        order_id=order_id,
        user_id=user_id,
        network_key=key or f"saga-{order_id}:make_payment",
        token=token,
        amount=amount or usd(3999),
        deadline=now + PATIENCE,
        now=now,
    )


def a_captured_payment(*, amount: Money | None = None, **facts: Any) -> Payment:
    payment = a_payment(amount=amount, **facts)
    payment.authorise(NOW)
    payment.capture(NOW)
    return payment


def a_refund(
    payment: Payment, amount: int, *, key: str | None = None, now: datetime = NOW
) -> Refund:
    refund_id = RefundId(uuid7())
    return Refund.start(
        refund_id=refund_id,
        payment_id=payment.id,
        network_key=key or f"refund:{refund_id}",
        amount=usd(amount),
        reason=None,
        now=now,
    )


def an_authorise_task(
    token: str = "tok_visa",  # noqa: S107 — likewise
    *,
    amount: int = 3999,
    order_id: UUID = ORDER,
    **facts: Any,
) -> Task:
    asked = {
        "order_id": str(order_id),
        "user_id": str(ADA),
        "amount": amount,
        "currency": "USD",
        "token": token,
    }
    return Task(saga_id=f"place-{order_id}", step="make_payment", input=asked, **facts)


def a_void_task(*, order_id: UUID = ORDER, **facts: Any) -> Task:
    return Task(
        saga_id=f"place-{order_id}",
        step="make_payment",
        kind="undo",
        input={**an_authorise_task(order_id=order_id).input, "code": "unknown"},
        **facts,
    )


def a_capture_task(*, order_id: UUID = ORDER, **facts: Any) -> Task:
    asked = {"order_id": str(order_id)}
    return Task(saga_id=f"place-{order_id}", step="capture_payment", input=asked, **facts)


def a_refund_task(*, order_id: UUID = ORDER, **facts: Any) -> Task:
    asked = {"order_id": str(order_id)}
    return Task(saga_id=f"cancel-{order_id}", step="refund_payment", input=asked, **facts)
