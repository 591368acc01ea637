"""What other services may ask."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from tests.harness.cursors import forged
from tests.harness.pages import IMPOSSIBLE_PAGES

from bookstore.contracts.proto.common.v1.page_pb2 import SORT_ORDER_ASC, PageRequest, TimeRange
from bookstore.contracts.proto.order.v1 import order_pb2 as pb
from bookstore.contracts.proto.order.v1.order_pb2_grpc import OrderServiceStub
from bookstore.kit.database import Database
from bookstore.kit.errors import InvalidError, NotFoundError
from bookstore.kit.rpc import Loopback, open_channel, open_server
from bookstore.order.app import wire
from bookstore.order.domain.address import ShippingAddress
from bookstore.order.domain.order import Order, Status
from bookstore.order.outbound.sql import SqlOrderStore
from services.order.tests.builders import ADA, BOB, NOW, an_order, an_order_that_is
from services.order.tests.memory import FixedPriceList, HandEngine, KeptSettlements, KnownAccounts

HOUR = timedelta(hours=1)


@pytest.fixture
async def orders(database: Database) -> list[Order]:
    """Ada's confirmed order, her pending one an hour later, and Bob's completed one."""
    home = ShippingAddress(name="Ada", line1="12 St James's Square", city="London", country="GB")
    orders = [
        an_order_that_is(Status.CONFIRMED, serial=1, shipping_address=home),
        an_order(created_at=NOW + HOUR),
        an_order_that_is(Status.COMPLETED, serial=3, user_id=BOB, created_at=NOW + 2 * HOUR),
    ]
    transact = database.transact(SqlOrderStore)
    for order in orders:
        await transact(lambda store, order=order: store.orders.add(order))  # type: ignore[misc]  # the default binds the order
    return orders


async def token() -> str:
    return "a service's"


async def believe(shown: str) -> None:
    assert shown == "a service's"


@pytest.fixture(params=["network", "loopback"])
async def stub(
    request: pytest.FixtureRequest, database: Database, clock: Any, tmp_path: Path
) -> AsyncIterator[Any]:
    write, read = database.transact(SqlOrderStore), database.read(SqlOrderStore)
    service = wire(
        write, read, FixedPriceList(), KnownAccounts(), KeptSettlements(), HandEngine(), clock
    )
    if request.param == "loopback":
        loopback = Loopback()
        for register in service.rpc:
            register(loopback.server)
        yield OrderServiceStub(loopback.channel)
    else:
        address = f"unix:{tmp_path}/rpc"
        async with (
            open_server(service.rpc, address, check=believe),
            open_channel(address, token=token) as channel,
        ):
            yield OrderServiceStub(channel)


async def test_an_order_is_told_whole(stub: Any, orders: list[Order]) -> None:
    order = orders[0]

    told = (await stub.FindOrder(pb.FindOrderRequest(id=str(order.id)))).order

    assert (told.id, told.number, told.status) == (
        str(order.id),
        "2026-000001",
        pb.ORDER_STATUS_CONFIRMED,
    )
    assert (told.total_price.amount, told.total_price.currency) == (7998, "USD")
    assert [(item.title, item.quantity) for item in told.order_items] == [("Clean Code", 2)]
    assert told.shipping_address.city == "London"
    assert not told.HasField("reason")
    assert told.created_at.ToDatetime(NOW.tzinfo) == NOW


async def test_anothers_order_is_not_there(stub: Any, orders: list[Order]) -> None:
    adas = pb.FindOrderRequest(id=str(orders[0].id), user_id=str(ADA))
    bobs = pb.FindOrderRequest(id=str(orders[0].id), user_id=str(BOB))

    assert (await stub.FindOrder(adas)).order.user_id == str(ADA)
    with pytest.raises(NotFoundError) as failure:
        await stub.FindOrder(bobs)
    assert failure.value.code == "order-not-found"


async def test_orders_are_found_by_user_status_and_time(stub: Any, orders: list[Order]) -> None:
    async def found(**asked: Any) -> list[str]:
        answer = await stub.FindAllOrders(pb.FindAllOrdersRequest(**asked))
        return [order.id for order in answer.items]

    def at(moment: Any) -> Timestamp:
        stamp = Timestamp()
        stamp.FromDatetime(moment)
        return stamp

    adas, pending, bobs = [str(order.id) for order in orders]
    assert await found() == [bobs, pending, adas]
    assert await found(page=PageRequest(order=SORT_ORDER_ASC)) == [adas, pending, bobs]
    assert await found(user_id=str(ADA)) == [pending, adas]
    assert await found(statuses=[pb.ORDER_STATUS_PENDING, pb.ORDER_STATUS_COMPLETED]) == [
        bobs,
        pending,
    ]
    assert await found(created=TimeRange(since=at(NOW), until=at(NOW + HOUR))) == [adas]


async def test_a_walk_goes_on_by_cursor(stub: Any, orders: list[Order]) -> None:
    first = await stub.FindAllOrders(pb.FindAllOrdersRequest(page=PageRequest(limit=2)))
    asked = PageRequest(limit=2, cursor=first.next_cursor)
    last = await stub.FindAllOrders(pb.FindAllOrdersRequest(page=asked))

    assert (first.total, len(first.items), len(last.items)) == (3, 2, 1)
    assert last.items[0].id == str(orders[0].id)
    assert not last.HasField("next_cursor")
    for edited in forged(first.next_cursor, key=datetime, row=UUID):
        with pytest.raises(InvalidError) as failure:
            await stub.FindAllOrders(pb.FindAllOrdersRequest(page=PageRequest(cursor=edited)))
        assert failure.value.code == "cursor-invalid"


@pytest.mark.usefixtures("orders")
async def test_open_orders_and_ordered_books_are_known(stub: Any) -> None:
    async def open_orders(user_id: object) -> int:
        answer = await stub.FindOpenOrders(pb.FindOpenOrdersRequest(user_id=str(user_id)))
        return int(answer.total)

    assert (await open_orders(ADA), await open_orders(BOB)) == (2, 0)
    asked = pb.FindOrderedBooksRequest(book_ids=[1, 2])
    assert list((await stub.FindOrderedBooks(asked)).book_ids) == [1]


@pytest.mark.parametrize(("page", "code"), IMPOSSIBLE_PAGES.values(), ids=IMPOSSIBLE_PAGES)
async def test_a_page_that_cannot_be_is_refused(stub: Any, page: PageRequest, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await stub.FindAllOrders(pb.FindAllOrdersRequest(page=page))
    assert refused.value.code == code


async def test_what_cannot_be_asked_is_refused(stub: Any) -> None:
    for request in (
        pb.FindAllOrdersRequest(statuses=[pb.ORDER_STATUS_UNSPECIFIED]),
        pb.FindAllOrdersRequest(user_id="nobody"),
    ):
        with pytest.raises(InvalidError):
            await stub.FindAllOrders(request)
