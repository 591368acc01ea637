"""What we ask of identity, order, payment and catalog over gRPC, and how we read the answers."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from grpc import aio

from bookstore.contracts.proto.book.v1 import book_pb2_grpc
from bookstore.contracts.proto.common.v1.page_pb2 import SORT_ORDER_ASC
from bookstore.contracts.proto.order.v1 import order_pb2, order_pb2_grpc
from bookstore.contracts.proto.payment.v1 import payment_pb2, payment_pb2_grpc
from bookstore.contracts.proto.user.v1 import user_pb2_grpc
from bookstore.customer.__main__ import opened
from bookstore.customer.application.ports import (
    CustomerSearch,
    OrderSearch,
    PaymentSearch,
    Slice,
)
from bookstore.customer.domain.customer import CustomerId, CustomerNotFoundError
from bookstore.customer.domain.purchase import OrderStatus, PaymentStatus
from bookstore.customer.domain.wishlist import BookId
from bookstore.customer.outbound.catalog import CatalogBookList
from bookstore.customer.outbound.identity import IdentityAccounts
from bookstore.customer.outbound.order import OrderOrders
from bookstore.customer.outbound.payment import PaymentPayments
from bookstore.customer.settings import Settings
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.rpc import Loopback
from services.customer.tests.builders import (
    ADA,
    ADDRESS,
    NOON,
    a_customer,
    a_payment,
    an_order,
    some_details,
)
from services.customer.tests.neighbours import STAMP, Catalog, OrderDesk, PaymentDesk, Users

ASCENDING = Slice(sort="email", descending=False, limit=5, offset=2)


@pytest.fixture
def loopback() -> Loopback:
    return Loopback()


async def test_identity_is_asked_for_customers(loopback: Loopback) -> None:
    users = Users()
    user_pb2_grpc.add_UserServiceServicer_to_server(users, loopback.server)
    accounts = IdentityAccounts(loopback.channel)

    page = await accounts.search(CustomerSearch(name="Ada"), ASCENDING)
    found = await accounts.find(ADA)
    changed = await accounts.change(ADA, some_details(phone="1"), version=1)
    await accounts.close(ADA)

    asked = users.asked[0]
    assert (asked.name, asked.HasField("email"), asked.HasField("phone")) == ("Ada", False, False)
    assert (asked.page.sort, asked.page.order) == ("email", SORT_ORDER_ASC)
    assert (asked.page.limit, asked.page.offset) == (5, 2)
    assert (page.total, page.items) == (7, [a_customer()])
    assert found == a_customer()
    assert changed == replace(a_customer(phone="1"), version=2)
    with pytest.raises(VersionMismatchError):
        await accounts.change(ADA, some_details(phone="1"), version=8)


async def test_a_user_whom_identity_does_not_know_is_no_customer(loopback: Loopback) -> None:
    user_pb2_grpc.add_UserServiceServicer_to_server(Users(), loopback.server)
    accounts = IdentityAccounts(loopback.channel)
    nobody = CustomerId(UUID(int=77))

    with pytest.raises(CustomerNotFoundError):
        await accounts.find(nobody)
    with pytest.raises(CustomerNotFoundError):
        await accounts.change(nobody, some_details(), version=1)
    with pytest.raises(CustomerNotFoundError):
        await accounts.close(nobody)


async def test_order_is_asked_for_a_customers_orders(loopback: Loopback) -> None:
    desk = OrderDesk()
    order_pb2_grpc.add_OrderServiceServicer_to_server(desk, loopback.server)
    orders = OrderOrders(loopback.channel)
    search = OrderSearch(
        status=OrderStatus.SHIPPING, created_from=NOON, created_to=NOON + timedelta(days=1)
    )

    page = await orders.search(ADA, search, Slice(cursor="here"))
    await orders.search(ADA, OrderSearch(), Slice())

    narrow, wide = desk.asked
    assert (narrow.user_id, narrow.page.cursor) == (str(ADA), "here")
    assert list(narrow.statuses) == [order_pb2.ORDER_STATUS_SHIPPING]
    assert narrow.created.since == STAMP
    assert narrow.created.until.seconds - STAMP.seconds == 86_400
    assert not wide.HasField("created")
    assert not wide.statuses
    assert (page.total, page.items, page.next_cursor) == (9, [an_order()], "more")
    assert await orders.find(ADA, an_order().id) == an_order()
    assert (desk.asked[-1].id, desk.asked[-1].user_id) == (str(an_order().id), str(ADA))
    assert await orders.count_open(ADA) == 3


async def test_an_order_without_address_and_number_is_read_as_such(loopback: Loopback) -> None:
    desk = OrderDesk()
    desk.order.ClearField("shipping_address")
    desk.order.ClearField("number")
    desk.order.reason = "card-declined"
    order_pb2_grpc.add_OrderServiceServicer_to_server(desk, loopback.server)

    found = await OrderOrders(loopback.channel).find(ADA, an_order().id)

    assert (found.number, found.shipping_address, found.reason) == (None, None, "card-declined")
    assert an_order().shipping_address == ADDRESS


async def test_payment_is_asked_for_a_customers_payments(loopback: Loopback) -> None:
    desk = PaymentDesk()  # type: ignore[abstract]  # nobody asks the rest
    payment_pb2_grpc.add_PaymentServiceServicer_to_server(desk, loopback.server)
    payments = PaymentPayments(loopback.channel)

    page = await payments.search(ADA, PaymentSearch(order_id=UUID(int=5)), Slice())
    await payments.search(ADA, PaymentSearch(created_to=NOON), Slice())
    await payments.search(ADA, PaymentSearch(created_from=NOON), Slice())

    assert (desk.asked[0].user_id, desk.asked[0].order_id) == (str(ADA), str(UUID(int=5)))
    assert not desk.asked[1].HasField("order_id")
    assert desk.asked[1].created.until == STAMP
    assert not desk.asked[1].created.HasField("since")
    assert not desk.asked[2].created.HasField("until")
    assert (page.total, page.items, page.next_cursor) == (4, [a_payment()], None)
    assert await payments.find(ADA, a_payment().id) == a_payment()

    desk.payment.status = payment_pb2.PAYMENT_STATUS_DECLINED
    desk.payment.reason = "insufficient-funds"
    desk.payment.ClearField("payment_date")
    declined = await payments.find(ADA, a_payment().id)
    assert (declined.status, declined.reason, declined.payment_date) == (
        PaymentStatus.DECLINED,
        "insufficient-funds",
        None,
    )


async def test_catalog_is_asked_which_books_are_on_sale(loopback: Loopback) -> None:
    book_pb2_grpc.add_BookServiceServicer_to_server(Catalog(), loopback.server)

    unknown = await CatalogBookList(loopback.channel).unknown({BookId(n) for n in (1, 2, 4)})

    assert unknown == {1, 4}


async def test_the_service_opens_on_its_own_database(loopback: Loopback) -> None:
    named: list[str] = []

    def near(name: str) -> aio.Channel:
        named.append(name)
        return loopback.channel

    async with opened(Settings(database_url="sqlite://"), near) as service:
        await service.ready()

    assert (service.name, len(service.operations)) == ("customer", 15)
    assert sorted(named) == ["catalog", "identity", "order", "payment"]
