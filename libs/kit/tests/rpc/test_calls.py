"""A call fares the same over a network and inside one process."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

import pytest
from grpc import aio

from bookstore.contracts.proto.book.v1 import book_pb2 as pb
from bookstore.contracts.proto.book.v1.book_pb2_grpc import (
    BookServiceServicer,
    BookServiceStub,
    add_BookServiceServicer_to_server,
)
from bookstore.contracts.proto.stock.v1.stock_pb2 import FindStockRequest
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import StockServiceStub
from bookstore.kit.caller import NOBODY, Caller, Role, current_caller
from bookstore.kit.errors import (
    BookstoreError,
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidError,
    NeighbourFailedError,
    NotFoundError,
    StorageFullError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
    VersionMismatchError,
)
from bookstore.kit.rpc import Loopback, open_channel, open_server
from libs.kit.tests.rpc.trust import check, token

ANN = Caller(
    id=UUID("01999999-0000-7000-8000-000000000001"),
    email="änn@example.org",
    roles=frozenset({Role.ORDER, Role.PROFILE}),
    address="::1",
    trace_id="0af7651916cd43dd8448eb211c80319c",
)
SOLD_OUT = FieldError(pointer="/a", code="sold-out", message="there are 3", available=3)


class BookNotFoundError(NotFoundError):
    code = "book-not-found"


class PickyService(BookServiceServicer):
    """Answers with what the test has put in, after as long as it says."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.pause_s = 0.0
        self.callers: list[Caller] = []
        self.metadata: dict[str, object] = {}

    async def FindPrices(
        self, request: pb.FindPricesRequest, context: object
    ) -> pb.FindPricesResponse:
        self.callers.append(current_caller.get())
        self.metadata = dict(context.invocation_metadata())  # type: ignore[attr-defined]  # both have it
        await asyncio.sleep(self.pause_s)
        if self.failure is not None:
            raise self.failure
        return pb.FindPricesResponse(items=[pb.BookPrice(book_id=i) for i in request.book_ids])

    async def FindBook(self, request: pb.FindBookRequest, _context: object) -> pb.FindBookResponse:
        raise BookNotFoundError(f"there is no book {request.id}")

    async def FindAllBooks(
        self, _request: pb.FindAllBooksRequest, _context: object
    ) -> pb.FindAllBooksResponse:
        raise TimeoutError("a database that did not answer")


@pytest.fixture
def service() -> PickyService:
    return PickyService()


@pytest.fixture(params=["network", "loopback"])
async def channel(
    request: pytest.FixtureRequest, service: PickyService
) -> AsyncIterator[aio.Channel]:
    register = partial(add_BookServiceServicer_to_server, service)
    if request.param == "loopback":
        loopback = Loopback(timeout=0.3)
        register(loopback.server)
        yield loopback.channel
    else:
        async with (
            open_server([register], "127.0.0.1:0", check=check, grace=0) as server,
            open_channel(server.address, timeout=0.3, token=token) as opened,
        ):
            yield opened


async def prices(channel: aio.Channel, *ids: int) -> list[int]:
    answer = await BookServiceStub(channel).FindPrices(pb.FindPricesRequest(book_ids=ids))
    return [item.book_id for item in answer.items]


async def test_an_answer_arrives(channel: aio.Channel) -> None:
    assert await prices(channel, 1, 2) == [1, 2]


@pytest.mark.parametrize(
    "raised",
    [
        InvalidError(
            "no", FieldError(pointer="/a", code="x", message="m", available=3), code="bad"
        ),
        NotFoundError("nobody sells that", code="unlucky"),
        ConflictError("there are two", code="twice"),
        ForbiddenError("you may not"),
        UnavailableError("the disk sleeps", code="asleep", retry_after=7),
        StorageFullError("the disk is full", retry_after=5),
        UnauthenticatedError("who are you?", code="token-expired"),
        ThrottledError("too often", retry_after=60),
        VersionMismatchError("it has changed — 바뀌었습니다"),
    ],
    ids=lambda error: error.code,
)
async def test_a_failure_arrives_as_it_was_raised(
    channel: aio.Channel, service: PickyService, raised: BookstoreError
) -> None:
    service.failure = raised

    with pytest.raises(BookstoreError) as failure:
        await prices(channel, 1)

    arrived = failure.value
    assert arrived is not raised
    assert (type(arrived), arrived.code, arrived.detail, arrived.fields, arrived.retry_after) == (
        type(raised),
        raised.code,
        raised.detail,
        raised.fields,
        raised.retry_after,
    )


async def test_a_class_of_one_service_is_only_its_kind_in_another(channel: aio.Channel) -> None:
    with pytest.raises(NotFoundError) as failure:
        await BookServiceStub(channel).FindBook(pb.FindBookRequest(id=4))

    assert type(failure.value) is NotFoundError
    assert (failure.value.code, failure.value.detail) == ("book-not-found", "there is no book 4")


@pytest.mark.parametrize("mistake", [KeyError("secret"), BookstoreError("secret", code="odd")])
async def test_a_mistake_of_a_neighbour_is_not_told_but_named_in_the_log(
    channel: aio.Channel,
    service: PickyService,
    mistake: Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service.failure = mistake

    with pytest.raises(NeighbourFailedError) as failure:
        await prices(channel, 1)

    assert (failure.value.code, failure.value.detail) == ("neighbour-failed", "BookService failed")
    assert failure.value.retry_after == 5
    last = caplog.records[-1]
    assert (last.levelname, last.getMessage()) == (
        "ERROR",
        "our neighbour BookService failed at /book.v1.BookService/FindPrices",
    )


async def test_a_timeout_within_a_service_is_its_failure_and_not_our_deadline(
    channel: aio.Channel,
) -> None:
    with pytest.raises(BookstoreError) as failure:
        await BookServiceStub(channel).FindAllBooks(pb.FindAllBooksRequest())

    assert (failure.value.code, failure.value.detail) == ("neighbour-failed", "BookService failed")


async def test_a_call_ends_at_its_deadline(channel: aio.Channel, service: PickyService) -> None:
    service.pause_s = 20

    with pytest.raises(UnavailableError) as failure:
        await prices(channel, 1)

    assert failure.value.detail == "BookService did not answer in time"
    assert failure.value.retry_after == 1


async def test_a_call_may_bring_a_deadline_of_its_own(
    channel: aio.Channel, service: PickyService
) -> None:
    service.pause_s = 0.4

    answer = await BookServiceStub(channel).FindPrices(pb.FindPricesRequest(), timeout=5)

    assert not answer.items


async def test_a_method_that_nobody_serves_has_failed(channel: aio.Channel) -> None:
    with pytest.raises(BookstoreError) as failure:
        await StockServiceStub(channel).FindStock(FindStockRequest(id=1))

    assert (failure.value.code, failure.value.detail) == (
        "neighbour-failed",
        "StockService failed",
    )


async def test_who_asks_is_known_on_the_other_side(
    channel: aio.Channel, service: PickyService
) -> None:
    await prices(channel, 1)
    token = current_caller.set(ANN)
    await prices(channel, 1)
    current_caller.reset(token)

    assert service.callers == [NOBODY, ANN]


async def test_metadata_of_ones_own_arrives(channel: aio.Channel, service: PickyService) -> None:
    await BookServiceStub(channel).FindPrices(
        pb.FindPricesRequest(), metadata=aio.Metadata(("x-why", "because"))
    )

    assert service.metadata["x-why"] == "because"
