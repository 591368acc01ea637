"""The gRPC API, through the stub that other services use; and what we ask of theirs."""

from datetime import timedelta
from functools import partial

import pytest
from tests.harness.pages import IMPOSSIBLE_PAGES

from bookstore.contracts.proto.common.v1.page_pb2 import SORT_ORDER_ASC, PageRequest, TimeRange
from bookstore.contracts.proto.order.v1 import order_pb2
from bookstore.contracts.proto.order.v1.order_pb2_grpc import (
    OrderServiceServicer,
    add_OrderServiceServicer_to_server,
)
from bookstore.contracts.proto.payment.v1 import payment_pb2 as pb
from bookstore.contracts.proto.payment.v1.payment_pb2_grpc import PaymentServiceStub
from bookstore.kit.errors import InvalidError, NotFoundError
from bookstore.kit.ids import uuid7
from bookstore.kit.rpc import Loopback
from bookstore.kit.transaction import Transact
from bookstore.payment.application.ports import Store
from bookstore.payment.domain.payment import OrderId, Payment
from bookstore.payment.outbound.orders import OrderServiceOrders
from services.payment.tests.builders import ADA, BOB, NOW, ORDER, a_captured_payment, a_payment
from services.payment.tests.world import World


@pytest.fixture
async def payments(store: Transact[Store]) -> list[Payment]:
    kept = [
        a_captured_payment(user_id=ADA),
        a_payment(user_id=BOB, now=NOW + timedelta(minutes=1)),
    ]

    def add(kept_by: Store) -> None:
        for payment in kept:
            kept_by.payments.add(payment)

    await store(add)
    return kept


@pytest.fixture
def loopback(store: Transact[Store]) -> Loopback:
    loopback = Loopback()
    for register in World(store).service().rpc:
        register(loopback.server)
    return loopback


async def test_a_payment_is_found_whole(loopback: Loopback, payments: list[Payment]) -> None:
    stub = PaymentServiceStub(loopback.channel)
    found = (await stub.FindPayment(pb.FindPaymentRequest(id=str(payments[0].id)))).payment
    assert found.id == str(payments[0].id)
    assert found.order_id == str(payments[0].order_id)
    assert found.user_id == str(ADA)
    assert (found.status, found.payment_type) == (
        pb.PAYMENT_STATUS_CAPTURED,
        pb.PAYMENT_TYPE_CARD,
    )
    assert (found.amount.amount, found.amount.currency) == (3999, "USD")
    assert (found.captured_amount.amount, found.refunded_amount.amount) == (3999, 0)
    assert found.payment_date.ToSeconds() == int(NOW.timestamp())
    assert not found.HasField("reason")


async def test_another_users_payment_is_not_found(
    loopback: Loopback, payments: list[Payment]
) -> None:
    stub = PaymentServiceStub(loopback.channel)
    own = pb.FindPaymentRequest(id=str(payments[0].id), user_id=str(ADA))
    assert (await stub.FindPayment(own)).payment.id == str(payments[0].id)
    for request in (
        pb.FindPaymentRequest(id=str(payments[0].id), user_id=str(BOB)),
        pb.FindPaymentRequest(id=str(uuid7())),
    ):
        with pytest.raises(NotFoundError) as error:
            await stub.FindPayment(request)
        assert error.value.code == "payment-not-found"


async def test_payments_are_listed_and_filtered(
    loopback: Loopback, payments: list[Payment]
) -> None:
    stub = PaymentServiceStub(loopback.channel)
    adas, bobs = (str(payment.id) for payment in payments)
    later = TimeRange()
    later.since.FromDatetime(NOW + timedelta(minutes=1))
    earlier = TimeRange()
    earlier.until.FromDatetime(NOW + timedelta(minutes=1))
    for request, expected in (
        (pb.FindAllPaymentsRequest(), [bobs, adas]),
        (pb.FindAllPaymentsRequest(page=PageRequest(order=SORT_ORDER_ASC)), [adas, bobs]),
        (pb.FindAllPaymentsRequest(user_id=str(ADA)), [adas]),
        (pb.FindAllPaymentsRequest(order_id=str(payments[1].order_id)), [bobs]),
        (pb.FindAllPaymentsRequest(created=later), [bobs]),
        (pb.FindAllPaymentsRequest(created=earlier), [adas]),
    ):
        found = await stub.FindAllPayments(request)
        assert [payment.id for payment in found.items] == expected
        assert found.total == len(expected)


async def test_a_list_is_walked_by_cursor(loopback: Loopback, payments: list[Payment]) -> None:
    stub = PaymentServiceStub(loopback.channel)
    first = await stub.FindAllPayments(pb.FindAllPaymentsRequest(page=PageRequest(limit=1)))
    page = PageRequest(limit=1, cursor=first.next_cursor)
    rest = await stub.FindAllPayments(pb.FindAllPaymentsRequest(page=page))
    assert [*first.items, *rest.items] != []
    assert {item.id for item in (*first.items, *rest.items)} == {str(p.id) for p in payments}
    assert not rest.HasField("next_cursor")


@pytest.mark.parametrize(("page", "code"), IMPOSSIBLE_PAGES.values(), ids=IMPOSSIBLE_PAGES)
async def test_a_page_that_cannot_be_is_refused(
    loopback: Loopback, page: PageRequest, code: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await PaymentServiceStub(loopback.channel).FindAllPayments(
            pb.FindAllPaymentsRequest(page=page)
        )
    assert refused.value.code == code


async def test_a_user_that_cannot_be_is_refused(loopback: Loopback) -> None:
    with pytest.raises(InvalidError):
        await PaymentServiceStub(loopback.channel).FindAllPayments(
            pb.FindAllPaymentsRequest(user_id="nobody")
        )


class KnownOrderService(OrderServiceServicer):
    """Knows one order."""

    def __init__(self, status: order_pb2.OrderStatus.ValueType) -> None:
        self._status = status

    async def FindOrder(
        self, request: order_pb2.FindOrderRequest, _context: object
    ) -> order_pb2.FindOrderResponse:
        if request.id != str(ORDER):
            raise NotFoundError("there is no such order")
        return order_pb2.FindOrderResponse(order=order_pb2.Order(status=self._status))


@pytest.mark.parametrize(
    ("status", "over"),
    [(order_pb2.ORDER_STATUS_CANCELLED, True), (order_pb2.ORDER_STATUS_PLACED, False)],
)
async def test_an_order_is_over_once_it_is_cancelled_or_if_there_is_none(
    status: order_pb2.OrderStatus.ValueType,
    over: bool,  # noqa: FBT001 — pytest passes it by name
) -> None:
    loopback = Loopback()
    partial(
        add_OrderServiceServicer_to_server,
        KnownOrderService(status),  # type: ignore[abstract]  # only FindOrder is asked
    )(loopback.server)
    orders = OrderServiceOrders(loopback.channel)
    assert await orders.is_over(ORDER) is over
    assert await orders.is_over(OrderId(uuid7())) is True
