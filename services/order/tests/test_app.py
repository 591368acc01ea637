"""Ordering, put together as the store does it: it asks its neighbours over gRPC."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookstore.contracts.proto.book.v1 import book_pb2 as pb
from bookstore.contracts.proto.book.v1.book_pb2_grpc import (
    BookServiceServicer,
    add_BookServiceServicer_to_server,
)
from bookstore.contracts.proto.common.v1.money_pb2 import Money
from bookstore.contracts.proto.payment.v1 import payment_pb2
from bookstore.contracts.proto.payment.v1.payment_pb2_grpc import (
    PaymentServiceServicer,
    add_PaymentServiceServicer_to_server,
)
from bookstore.contracts.proto.user.v1 import user_pb2
from bookstore.contracts.proto.user.v1.user_pb2_grpc import (
    UserServiceServicer,
    add_UserServiceServicer_to_server,
)
from bookstore.kit.errors import NotFoundError, UnavailableError
from bookstore.kit.http import application
from bookstore.kit.rpc import Loopback, open_channel
from bookstore.order.app import open_order
from bookstore.order.domain.order import OrderId, UserId
from bookstore.order.outbound.catalog import CatalogPriceList
from bookstore.order.outbound.identity import IdentityAccounts
from bookstore.order.outbound.payment import PaymentSettlements
from bookstore.order.settings import Settings
from services.order.tests.builders import ADA, BOB, OFFERS, STAFF
from services.order.tests.shop import CALLERS, CLEAN_CODE_TWICE, Neighbours


class Catalog(BookServiceServicer):
    """Sells books 1 to 3; book 4 is sold no more."""

    async def FindPrices(
        self, request: pb.FindPricesRequest, _context: object
    ) -> pb.FindPricesResponse:
        sold = [
            pb.BookPrice(
                book_id=book_id,
                title=offer.title,
                price=Money(amount=offer.price.amount, currency=offer.price.currency),
            )
            for book_id, offer in OFFERS.items()
            if book_id in request.book_ids
        ]
        price = Money(amount=1, currency="USD")
        return pb.FindPricesResponse(
            items=[*sold, pb.BookPrice(book_id=4, title="Old", price=price, retired=True)]
        )


class Identity(UserServiceServicer):
    """Knows Ada; Bob is disabled, and everybody else was never there."""

    async def FindUser(self, request: user_pb2.FindUserRequest, _context: object) -> Any:
        if request.id not in {str(ADA), str(BOB)}:
            raise NotFoundError("there is no such user", code="user-not-found")
        user = user_pb2.User(id=request.id, enabled=request.id == str(ADA))
        return user_pb2.FindUserResponse(user=user)


@pytest.fixture
def identity() -> Loopback:
    loopback = Loopback()
    add_UserServiceServicer_to_server(Identity(), loopback.server)  # type: ignore[abstract]  # nobody asks the rest
    return loopback


@pytest.fixture
def catalog() -> Loopback:
    loopback = Loopback()
    add_BookServiceServicer_to_server(Catalog(), loopback.server)  # type: ignore[abstract]  # nobody asks the rest
    return loopback


async def test_only_what_is_sold_is_offered(catalog: Loopback) -> None:
    offers = await CatalogPriceList(catalog.channel).offers(list(OFFERS)[:2])

    assert offers == {book_id: OFFERS[book_id] for book_id in list(OFFERS)[:2]}


async def test_only_who_is_there_and_enabled_has_an_account(identity: Loopback) -> None:
    accounts = IdentityAccounts(identity.channel)

    assert await accounts.is_open(ADA)
    assert not await accounts.is_open(BOB)
    assert not await accounts.is_open(UserId(STAFF))
    with pytest.raises(UnavailableError):
        await IdentityAccounts(open_channel("127.0.0.1:1")).is_open(ADA)


class Payments(PaymentServiceServicer):
    """Settles what it is asked to, once for each order."""

    def __init__(self) -> None:
        self.settled: set[str] = set()

    async def SettleOutside(
        self, request: payment_pb2.SettleOutsideRequest, _context: object
    ) -> payment_pb2.SettleOutsideResponse:
        self.settled.add(request.order_id)
        return payment_pb2.SettleOutsideResponse()


async def test_payment_is_told_what_was_settled() -> None:
    payments, loopback = Payments(), Loopback()  # type: ignore[abstract]  # nobody asks the rest
    add_PaymentServiceServicer_to_server(payments, loopback.server)

    await PaymentSettlements(loopback.channel).settle(OrderId(ADA))

    assert payments.settled == {str(ADA)}
    with pytest.raises(UnavailableError):
        await PaymentSettlements(open_channel("127.0.0.1:1")).settle(OrderId(ADA))


async def test_a_purchase_goes_through_the_whole_service(
    catalog: Loopback, identity: Loopback, tmp_path: Path
) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/order.db")
    async with open_order(
        settings,
        catalog=catalog.channel,
        identity=identity.channel,
        payment=Loopback().channel,
    ) as ordering:
        service = ordering.service
        await service.ready()
        tasks = {**Neighbours().tasks(), **service.tasks}
        assert ordering.engine is not None
        engine = asyncio.create_task(ordering.engine.run(tasks))
        app = application(service.operations, authenticator=CALLERS)
        headers = {"authorization": "Bearer ada", "idempotency-key": "k1"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://store", headers=headers
        ) as client:
            bought = await client.post("/api/v1/orders", json=CLEAN_CODE_TWICE)
            bobs = {"authorization": "Bearer bob"}
            refused = await client.post("/api/v1/orders", json=CLEAN_CODE_TWICE, headers=bobs)
        engine.cancel()
        await asyncio.wait([engine])

    assert (bought.status_code, bought.json()["status"]) == (201, "confirmed")
    assert (refused.status_code, refused.json()["code"]) == (403, "account-closed")
