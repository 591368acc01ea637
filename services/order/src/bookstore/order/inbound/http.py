"""The REST API: documents in, use case, documents out."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from bookstore.contracts.openapi import order as api
from bookstore.kit.caller import Caller
from bookstore.kit.clock import Clock
from bookstore.kit.cursor import skipped
from bookstore.kit.http import Preference, Reply, preference, problem_reply
from bookstore.kit.idempotency import fingerprint
from bookstore.kit.money import Money
from bookstore.kit.telemetry import traceparent
from bookstore.order.application.cancel_order import CancelOrder, CancelOrderCommand
from bookstore.order.application.find_orders import FindOrders
from bookstore.order.application.intervene import Intervene
from bookstore.order.application.place_order import Placement, PlaceOrder, PlaceOrderCommand
from bookstore.order.application.ports import PurchaseKey, Search, Sort
from bookstore.order.application.quote_order import QuoteOrder
from bookstore.order.application.ship_order import CompleteOrder, ShipOrder
from bookstore.order.domain.address import ShippingAddress
from bookstore.order.domain.basket import Wish, merge
from bookstore.order.domain.ending import FAILURES
from bookstore.order.domain.order import OrderId, ServiceCannotBuyError, Status, UserId
from bookstore.order.domain.refusals import payment_token
from bookstore.order.inbound.documents import (
    older_than,
    order_document,
    page_document,
    quote_document,
    saga_document,
    saga_page_document,
)
from bookstore.order.inbound.paging import next_cursor, resumed
from bookstore.saga.ports import State

PATIENCE = 5.0  # seconds, unless Prefer says otherwise


@dataclass(frozen=True, slots=True)
class OrdersController(api.OrdersApi):
    """Answers for /api/v1/orders."""

    place: PlaceOrder
    quote: QuoteOrder
    cancel: CancelOrder
    ship: ShipOrder
    complete: CompleteOrder
    find: FindOrders

    async def list_orders(self, caller: Caller, query: api.ListOrdersQuery, /) -> api.OrderPage:
        search = Search(
            user_id=None if query.user_id is None else UserId(query.user_id),
            statuses=frozenset() if query.status is None else frozenset({Status(query.status)}),
            since=query.created_from,
            until=query.created_to,
            sort=Sort(query.sort),
            ascending=query.order is api.SortOrder.ASC,
            limit=query.limit,
            offset=skipped(query.offset, query.cursor),
        )
        page = await self.find.search(resumed(search, query.cursor), caller)
        return page_document(page, next_cursor(search, page))

    async def place_order(
        self, caller: Caller, header: api.PlaceOrderHeader, body: api.NewOrder, /
    ) -> Reply[api.Order]:
        preferred = preference(header.prefer)
        placement = await self.place(_command(caller, header, body, preferred))
        return _final(placement, preferred) or _unfinished(placement, preferred)

    async def quote_order(self, _caller: Caller, body: api.QuoteRequest, /) -> api.Quote:
        return quote_document(await self.quote(_wishes(body.order_items)))

    async def get_order(self, caller: Caller, order_id: UUID, /) -> api.Order:
        return order_document(await self.find.get(OrderId(order_id), caller))

    async def cancel_order(
        self, caller: Caller, order_id: UUID, header: api.CancelOrderHeader, /
    ) -> Reply[api.Order]:
        preferred = preference(header.prefer)
        cancellation = await self.cancel(
            CancelOrderCommand(
                order_id=OrderId(order_id),
                caller=caller,
                key=header.idempotency_key,
                patience=_patience(preferred),
                traceparent=_span(caller),
            )
        )
        document = order_document(cancellation.order)
        if cancellation.is_over:
            return Reply(200, document, headers=_applied(preferred, over=True))
        headers = _applied(preferred, over=False)
        return Reply(202, document, location=_path(order_id), headers=headers)

    async def ship_order(self, caller: Caller, order_id: UUID, /) -> Reply[api.Order]:
        document = order_document(await self.ship(OrderId(order_id), _span(caller)))
        return Reply(202, document, location=_path(order_id))

    async def complete_order(self, _caller: Caller, order_id: UUID, /) -> Reply[api.Order]:
        document = order_document(await self.complete(OrderId(order_id)))
        return Reply(202, document, location=_path(order_id))

    async def get_order_saga(
        self, caller: Caller, order_id: UUID, query: api.GetOrderSagaQuery, /
    ) -> api.Saga:
        name = None if query.name is None else query.name.value
        saga = await self.find.saga(OrderId(order_id), name, caller)
        return saga_document(saga, for_staff=caller.is_staff)


@dataclass(frozen=True, slots=True)
class SagasController(api.SagasApi):
    """Answers for /api/v1/sagas, to staff."""

    intervene: Intervene
    clock: Clock

    async def list_sagas(self, _caller: Caller, query: api.ListSagasQuery, /) -> api.SagaPage:
        state = None if query.state is None else State(query.state)
        age = query.older_than
        before = None if age is None else older_than(age, self.clock.now())
        total, sagas = await self.intervene.page(state, before, query.limit, query.offset)
        return saga_page_document(total, sagas)

    async def retry_sagas(self, caller: Caller, /) -> api.RetriedSagas:
        return api.RetriedSagas(total=await self.intervene.retry_all(by=str(caller.id)))

    async def get_saga(self, _caller: Caller, saga_id: UUID, /) -> api.Saga:
        return saga_document(await self.intervene.get(str(saga_id)), for_staff=True)

    async def retry_saga(self, caller: Caller, saga_id: UUID, /) -> api.Saga:
        saga = await self.intervene.retry(str(saga_id), by=str(caller.id))
        return saga_document(saga, for_staff=True)

    async def abandon_saga(
        self, caller: Caller, saga_id: UUID, body: api.Intervention, /
    ) -> api.Saga:
        saga = await self.intervene.abandon(
            str(saga_id), by=str(caller.id), reason=body.reason, traceparent=_span(caller)
        )
        return saga_document(saga, for_staff=True)

    async def settle_saga(
        self, caller: Caller, saga_id: UUID, body: api.Intervention, /
    ) -> api.Saga:
        by = str(caller.id)
        saga = await self.intervene.settle(str(saga_id), by=by, reason=body.reason)
        return saga_document(saga, for_staff=True)


def _command(
    caller: Caller, header: api.PlaceOrderHeader, body: api.NewOrder, preferred: Preference
) -> PlaceOrderCommand:
    expected, address = body.expected_total, body.shipping_address
    trace_id = caller.trace_id or secrets.token_hex(16)
    return PlaceOrderCommand(
        key=PurchaseKey(_user(caller), header.idempotency_key),
        fingerprint=fingerprint(body),
        wishes=_wishes(body.order_items),
        token=payment_token(body.payment_method.token),
        expected_total=None if expected is None else Money(expected.amount, expected.currency),
        shipping_address=None if address is None else _address(address),
        trace_id=trace_id,
        traceparent=traceparent(trace_id),
        patience=_patience(preferred),
    )


def _final(placement: Placement, preferred: Preference) -> Reply[api.Order] | None:
    """Render the ending, the same way whenever it is asked for."""
    ending = placement.purchase.ending
    if ending is None:
        return None
    path, applied = _path(ending.order.id), _applied(preferred, over=True)
    if ending.code is None:
        return Reply(201, order_document(ending.order), location=path, headers=applied)
    error = FAILURES[ending.code](ending.sentence, *ending.fields)
    problem = problem_reply(error, trace_id=placement.purchase.trace_id, instance=path)
    headers = {**problem.headers, **applied}
    return replace(problem, headers=headers)  # type: ignore[return-value]  # a problem stands in for any document


def _unfinished(placement: Placement, preferred: Preference) -> Reply[api.Order]:
    document = order_document(placement.order)
    path = _path(placement.order.id)
    return Reply(202, document, location=path, headers=_applied(preferred, over=False))


def _wishes(items: Sequence[api.NewOrderItem]) -> tuple[Wish, ...]:
    return merge([(item.book_id, item.quantity) for item in items])


def _address(address: api.NewShippingAddress) -> ShippingAddress:
    return ShippingAddress.given(
        name=address.name,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
    )


def _patience(preferred: Preference) -> float:
    if preferred.wait is not None:
        return preferred.wait
    return 0.0 if preferred.respond_async else PATIENCE


def _applied(preferred: Preference, *, over: bool) -> dict[str, str]:
    applied = preferred.applied(over=over)
    return {} if applied is None else {"preference-applied": applied}


def _path(order_id: UUID) -> str:
    return f"/api/v1/orders/{order_id}"


def _span(caller: Caller) -> str:
    """Return the span of the request: the saga that it begins goes on from it."""
    return traceparent(caller.trace_id or secrets.token_hex(16))


def _user(caller: Caller) -> UserId:
    if caller.id is None:
        raise ServiceCannotBuyError("a service buys no books: sign in as a customer")
    return UserId(caller.id)
