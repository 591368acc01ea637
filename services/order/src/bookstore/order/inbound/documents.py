"""Our orders and sagas as the documents of the REST API."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from bookstore.contracts.openapi import order as api
from bookstore.kit.money import Money
from bookstore.order.application.ports import Page
from bookstore.order.application.quote_order import Quote
from bookstore.order.domain.basket import Line
from bookstore.order.domain.order import Order
from bookstore.saga.ports import Attempt, SagaSummary, SagaView, Status

_BY_STAFF = frozenset({Status.RETRIED, Status.SETTLED, Status.ABANDONED})


def order_document(order: Order) -> api.Order:
    """Show an order."""
    address = order.shipping_address
    return api.Order(
        id=order.id,
        number=order.number,
        user_id=order.user_id,
        status=api.OrderStatus(order.status),
        order_items=_items(order.lines),
        total_price=_money(order.total),
        reason=order.reason,
        shipping_address=None
        if address is None
        else msgspec.convert(address, api.ShippingAddress, from_attributes=True),
        created_at=order.created_at,
        updated_at=order.updated_at,
    )


def page_document(page: Page, next_cursor: str | None) -> api.OrderPage:
    """Show some orders."""
    items = [order_document(order) for order in page.orders]
    return api.OrderPage(total=page.total, items=items, next_cursor=next_cursor)


def quote_document(quote: Quote) -> api.Quote:
    """Show what an order would cost."""
    return api.Quote(order_items=_items(quote.lines), total_price=_money(quote.total))


def saga_document(saga: SagaView, *, for_staff: bool) -> api.Saga:
    """Show a saga; which of the staff did what in it, and why, is for staff only."""
    return api.Saga(
        saga_id=UUID(saga.saga_id),
        order_id=UUID(saga.subject),
        name=api.SagaName(saga.name),
        version=saga.version,
        state=api.SagaState(saga.state),
        created_at=saga.created_at,
        updated_at=saga.updated_at,
        timeline=[_attempt(attempt, for_staff=for_staff) for attempt in saga.timeline],
    )


def saga_page_document(total: int, sagas: Iterable[SagaSummary]) -> api.SagaPage:
    """Show some sagas, without their timelines."""
    return api.SagaPage(
        total=total,
        items=[
            api.SagaSummary(
                saga_id=UUID(saga.saga_id),
                order_id=UUID(saga.subject),
                name=api.SagaName(saga.name),
                version=saga.version,
                state=api.SagaState(saga.state),
                step=saga.step,
                error=saga.error,
                created_at=saga.created_at,
                updated_at=saga.updated_at,
            )
            for saga in sagas
        ],
    )


def older_than(age: str, now: datetime) -> datetime:
    """Return the instant that is so long ago: `600`, `600s`, `10m`, `2h`, `1d`."""
    unit = age[-1] if age[-1] in _UNITS else "s"
    seconds = int(age.rstrip("smhd")) * _UNITS[unit]
    return datetime.fromtimestamp(max(0.0, now.timestamp() - seconds), tz=now.tzinfo)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def _items(lines: Iterable[Line]) -> list[api.OrderItem]:
    return [
        api.OrderItem(
            book_id=line.book_id,
            title=line.title,
            quantity=line.quantity,
            unit_price=_money(line.unit_price),
            line_total=_money(line.line_total),
        )
        for line in lines
    ]


def _money(money: Money) -> api.Money:
    return api.Money(amount=money.amount, currency=money.currency)


def _attempt(attempt: Attempt, *, for_staff: bool) -> api.Attempt:
    hidden = attempt.status in _BY_STAFF and not for_staff
    return api.Attempt(
        step=attempt.step,
        kind=api.AttemptKind(attempt.kind),
        attempt=attempt.attempt,
        status=api.AttemptStatus(attempt.status),
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        error=None if hidden else attempt.error,
    )
