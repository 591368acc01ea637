"""gRPC between real processes over mutual TLS: every method, whom it answers, and several of one.

The six services run on SQLite; a second catalog, which only reads, comes and goes.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import httpx
import jwt
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from tests.harness.authority import Authority
from tests.harness.issuer import SECRET
from tests.harness.people import Buyer, Person
from tests.harness.rpc_methods import bearing, methods, multicallable, status
from tests.harness.six import Six, six

from bookstore.kit.rpc import ServiceTokens, TlsSettings

Json: TypeAlias = dict[str, Any]
METHODS = {method.full_name: (service, method) for service, method in methods()}
SECOND = "catalog-2"
QUOTE = {"order_items": [{"book_id": 1, "quantity": 2}]}

# What to ask, and what the answer must be: fields and values, or the code of a failure. `user`
# and `order` are there, `leaver` is another user.
ASKED: dict[str, tuple[Json, Json | str]] = {
    "author.v1.AuthorService.FindAllAuthors": ({"bookId": 1, "page": {"limit": 1}}, {"total": 1}),
    "author.v1.AuthorService.FindAuthor": ({"id": 1}, {"author.id": 1}),
    "book.v1.BookService.FindAllBooks": ({"ids": [1, 2]}, {"total": 2}),
    "book.v1.BookService.FindBook": ({"id": 1}, {"book.id": 1}),
    "book.v1.BookService.FindPrices": ({"bookIds": [1]}, {"items.0.book_id": 1}),
    "category.v1.CategoryService.FindAllCategories": ({}, {"items.0.name": "Art"}),
    "publisher.v1.PublisherService.FindAllPublishers": ({"page": {"limit": 1}}, {}),
    "publisher.v1.PublisherService.FindPublisher": ({"id": 1}, {"publisher.id": 1}),
    "stock.v1.StockService.FindAllStocks": ({"bookId": 1}, {"items.0.book_id": 1}),
    "stock.v1.StockService.FindStock": ({"id": 1}, {"stock.id": 1}),
    "stock.v1.StockService.FindStockFigures": ({"bookIds": [1]}, {"items.0.book_id": 1}),
    "stock.v1.StockService.StockBooks": (
        {"items": [{"bookId": 1, "quantity": 1}], "warehouse": "Main"},
        {"stocked_book_ids": []},
    ),
    "user.v1.UserService.FindAllUsers": ({"ids": ["{user}"]}, {"total": 1}),
    "user.v1.UserService.FindUser": ({"id": "{user}"}, {"user.id": "{user}"}),
    "user.v1.UserService.UpdateUser": (
        {"id": "{user}", "email": "{email}", "firstName": "Bo", "lastName": "Reader"},
        {"user.first_name": "Bo"},
    ),
    "user.v1.UserService.DeleteUser": ({"id": "{leaver}"}, {}),
    "order.v1.OrderService.FindAllOrders": ({"userId": "{user}"}, {"items.0.id": "{order}"}),
    "order.v1.OrderService.FindOrder": ({"id": "{order}"}, {"order.user_id": "{user}"}),
    "order.v1.OrderService.FindOpenOrders": ({"userId": "{user}"}, {"total": 1}),
    "order.v1.OrderService.FindOrderedBooks": ({"bookIds": [1, 2]}, {"book_ids.0": 1}),
    "payment.v1.PaymentService.FindAllPayments": ({"userId": "{user}"}, {"total": 0}),
    "payment.v1.PaymentService.FindPayment": ({"id": "{order}"}, "payment-not-found"),
    "payment.v1.PaymentService.SettleOutside": ({"orderId": "{order}"}, {}),
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("rpc") / "ours")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Six]:
    tls = {name.upper(): str(file) for name, file in authority.issue("everybody").items()}
    with six(tmp_path_factory.mktemp("six"), SECOND, **tls) as running:
        yield running
        for process in running.processes.values():
            process.send_signal(signal.SIGTERM)
        assert {process.wait(60) for process in running.processes.values()} == {0}


@pytest.fixture(scope="module")
def believed(authority: Authority) -> TlsSettings:
    return TlsSettings(**authority.issue("a-neighbour"))


@pytest.fixture
async def token(services: Six) -> str:
    """Return a service's token."""
    async with httpx.AsyncClient() as http:
        url = f"{services.url('identity')}/oauth/token"
        return await ServiceTokens(http, url, client="order", secret=SECRET)()


@pytest.fixture
async def buyer(services: Six) -> AsyncIterator[Buyer]:
    async with Buyer(services.url("identity")) as buyer:
        yield buyer


def id_of(person: Person) -> str:
    token = person.http.headers["authorization"].partition(" ")[2]
    return str(jwt.decode(token, options={"verify_signature": False})["sub"])


def test_there_is_something_to_ask_of_every_method() -> None:
    assert set(ASKED) == set(METHODS)


async def test_every_method_answers_another_process(
    services: Six, believed: TlsSettings, token: str, buyer: Buyer
) -> None:
    async with Buyer(services.url("identity")) as leaver:
        known = {"user": id_of(buyer), "leaver": id_of(leaver), "email": buyer.email}
    placed = await buyer.http.post(
        f"{services.url('order')}/api/v1/orders",
        json=QUOTE | {"payment_method": {"type": "card", "token": "tok_visa"}},
        headers={"Idempotency-Key": "rpc", "Prefer": "respond-async"},
    )
    known["order"] = placed.json()["id"]

    said = {}
    for name, (asked, _) in ASKED.items():
        service, method = METHODS[name]
        request = ParseDict(filled(asked, known), GetMessageClass(method.input_type)())
        async with secure(services.rpc[service], believed) as channel:
            said[name] = await answer(channel, method, request, token)

    for name, (_, wanted) in ASKED.items():
        if isinstance(wanted, str):
            assert said[name] == wanted, name
        else:
            for path, value in filled(wanted, known).items():
                assert found(said[name], path) == value, (name, path, said[name])


def filled(document: Any, known: dict[str, str]) -> Any:
    """Put what is known into the braces."""
    match document:
        case dict():
            return {key: filled(value, known) for key, value in document.items()}
        case list():
            return [filled(value, known) for value in document]
        case str():
            return document.format_map(known)
        case _:
            return document


def found(message: Any, path: str) -> Any:
    """Follow a path such as `items.0.id`."""
    for step in path.split("."):
        message = message[int(step)] if step.isdigit() else getattr(message, step)
    return message


async def answer(
    channel: grpc.aio.Channel, method: MethodDescriptor, request: Message, token: str
) -> Message | str:
    """Return the answer, or the code of the failure."""
    try:
        said: Message = await multicallable(channel, method)(
            request, metadata=bearing(token), timeout=20
        )
    except grpc.aio.AioRpcError as error:
        trailer = dict(error.trailing_metadata() or ())["bookstore-failure-bin"]
        return str(httpx.Response(200, content=trailer).json()["code"])
    return said


@asynccontextmanager
async def secure(address: str, tls: TlsSettings) -> AsyncIterator[grpc.aio.Channel]:
    credentials = tls.for_channel()
    if credentials is None:
        opened = grpc.aio.insecure_channel(address)
    else:
        opened = grpc.aio.secure_channel(address, credentials)
    async with opened as channel:
        yield channel


@pytest.mark.parametrize("name", METHODS)
async def test_whoever_cannot_prove_who_they_are_is_refused(  # noqa: PLR0913, PLR0917 — pytest's fixtures
    services: Six,
    authority: Authority,
    believed: TlsSettings,
    tmp_path: Path,
    token: str,
    buyer: Buyer,
    name: str,
) -> None:
    service, method = METHODS[name]
    where = services.rpc[service]
    strangers = Authority(tmp_path / "strangers").issue("stranger")
    for tls in (
        TlsSettings(),
        TlsSettings(rpc_ca=authority.file),
        TlsSettings(**(strangers | {"rpc_ca": authority.file})),
        TlsSettings(**(authority.issue("mistaken") | {"rpc_ca": strangers["rpc_ca"]})),
    ):
        async with secure(where, tls) as channel:
            said = await status(channel, method, *bearing(token))
        assert said is grpc.StatusCode.UNAVAILABLE
    persons = buyer.http.headers["authorization"].partition(" ")[2]
    async with secure(where, believed) as channel:
        for shown in ((), bearing(""), bearing("forged"), bearing(persons)):
            assert await status(channel, method, *shown) is grpc.StatusCode.UNAUTHENTICATED


async def quoted_once(services: Six, buyer: Buyer) -> httpx.Response:
    return await buyer.http.post(f"{services.url('order')}/api/v1/orders/quote", json=QUOTE)


@asynccontextmanager
async def quoting(services: Six, buyer: Buyer) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Have four clients ask for quotes all the time, none of which may fail.

    Yields how to wait until each has had a few more.
    """
    over = asyncio.Event()
    quoted = [0] * 4

    async def quote(client: int) -> None:
        while not over.is_set():
            answer = await quoted_once(services, buyer)
            assert answer.status_code == 200, answer.text
            quoted[client] += 1

    async def more() -> None:
        wanted = [count + 15 for count in quoted]
        while True:
            if all(now >= then for now, then in zip(quoted, wanted, strict=True)):
                return
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as clients:
        for client in range(4):
            clients.create_task(quote(client))
        yield more
        over.set()


@pytest.fixture
async def two_catalogs(services: Six) -> AsyncIterator[None]:
    """Have a second catalog, and both again at the end."""
    services.start(SECOND, CATALOG_ROLE="query")
    await asyncio.to_thread(services.await_ready, SECOND)
    yield
    for name in ("catalog", SECOND):
        services.let_go(name)
        services.tell_to_stop(name)
        services.processes.pop(name).wait(60)
    services.start("catalog")
    await asyncio.to_thread(services.await_ready, "catalog")


@pytest.mark.usefixtures("two_catalogs")
@pytest.mark.parametrize("end", [Six.kill, Six.tell_to_stop])
async def test_no_read_fails_as_one_of_two_goes_and_comes_back(
    services: Six, buyer: Buyer, end: Callable[[Six, str], None]
) -> None:
    async with quoting(services, buyer) as more:
        await more()
        end(services, SECOND)
        await more()
        await asyncio.to_thread(services.processes[SECOND].wait, 60)
        services.start(SECOND, CATALOG_ROLE="query")
        await asyncio.to_thread(services.await_ready, SECOND)
        await more()
        end(services, "catalog")
        await more()
        await asyncio.to_thread(services.processes["catalog"].wait, 60)
        services.start("catalog")
        await asyncio.to_thread(services.await_ready, "catalog")
        await more()


@pytest.mark.usefixtures("two_catalogs")
async def test_one_of_two_that_hangs_costs_one_call_and_is_left_alone(
    services: Six, buyer: Buyer
) -> None:
    async with quoting(services, buyer) as more:
        await more()
    services.hold(SECOND)
    quotes = [await quoted_once(services, buyer) for _ in range(30)]

    failed = [answer for answer in quotes if answer.status_code != 200]
    assert len(failed) <= 1
    assert all(answer.status_code == 503 and "retry-after" in answer.headers for answer in failed)
    assert all(answer.elapsed.total_seconds() < 4 for answer in quotes)


async def test_a_client_that_waits_no_longer_is_not_waited_for(
    services: Six, buyer: Buyer
) -> None:
    profile = f"{services.url('customer')}/api/v1/customers/{id_of(buyer)}"
    hurried = {"x-envoy-expected-rq-timeout-ms": "300"}
    assert (await buyer.http.get(profile, headers=hurried)).status_code == 200
    services.hold("identity")
    try:
        answers = [await buyer.http.get(profile, headers=headers) for headers in (hurried, {})]
    finally:
        services.let_go("identity")

    assert [answer.status_code for answer in answers] == [503, 503]
    soon, late = (answer.elapsed.total_seconds() for answer in answers)
    assert soon < 1.5 < late < 4
