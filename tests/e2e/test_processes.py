"""Services as processes of their own: they read across sockets, and answer only each other."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import jwt
import pytest
from tests.harness.databases import SQL, an_empty_database
from tests.harness.issuer import SECRET
from tests.harness.people import PASSWORD, Buyer
from tests.harness.rpc_methods import bearing, methods, status
from tests.harness.services import until_ready
from tools.servers.ports import free_port

from bookstore.contracts.proto.user.v1 import user_pb2
from bookstore.contracts.proto.user.v1.user_pb2_grpc import UserServiceStub
from bookstore.kit.caller import Caller, Role, current_caller
from bookstore.kit.errors import ForbiddenError, UnavailableError
from bookstore.kit.ids import uuid7
from bookstore.kit.rpc import ServiceTokens, open_channel
from bookstore.kit.rpc.context import outgoing

STARTER = Path(__file__).parents[2] / "data/starter/books.json"
SERVICES = ("identity", "catalog", "inventory", "order", "payment", "customer")
PATIENCE_S = 60


@dataclass(frozen=True)
class Services:
    """All six, each a process of its own."""

    http: dict[str, str]
    rpc: dict[str, str]

    def tokens(self, client: httpx.AsyncClient, secret: str = SECRET) -> ServiceTokens:
        """Prove ourselves as the order service does, or try to."""
        url = f"{self.http['identity']}/oauth/token"
        return ServiceTokens(client, url, client="order", secret=secret)


@pytest.fixture(scope="module", params=SQL)
def services(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """Run them until the tests are through; each must then end by itself, and well."""
    folder = tmp_path_factory.mktemp("services")
    http = {name: f"127.0.0.1:{free_port()}" for name in SERVICES}
    rpc = {name: f"127.0.0.1:{free_port()}" for name in SERVICES}
    everybody = {
        "PUBLIC_URL": f"http://{http['identity']}",
        "SERVICE_SECRET": SECRET,
        "SERVICE_CLIENTS": ",".join(f"{name}:{SECRET}" for name in SERVICES),
        "STARTER": str(STARTER),
        "ORDER_ROLE": "query",
        "CARD_NETWORK_URL": f"sqlite:///{folder}/card-network.db",
        **{f"{name.upper()}_HTTP": address for name, address in http.items()},
        **{f"{name.upper()}_RPC": address for name, address in rpc.items()},
    }
    with ExitStack() as stack:
        for name in SERVICES:
            empty = an_empty_database(request.param, folder, name)
            everybody[f"{name.upper()}_DATABASE_URL"] = stack.enter_context(empty)
        running = []
        for name in SERVICES:
            command = [sys.executable, "-m", f"bookstore.{name}", "serve"]
            process = subprocess.Popen(command, env=everybody)
            stack.callback(process.wait)
            stack.callback(process.kill)
            running.append(process)
        for address in http.values():
            until_ready(f"http://{address}", running)
        yield Services({name: f"http://{address}" for name, address in http.items()}, rpc)
        for process in running:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(PATIENCE_S) for process in running] == [0] * len(running)


async def test_what_a_purchase_reads_crosses_real_processes(services: Services) -> None:
    async with httpx.AsyncClient() as client:
        found = await client.get(
            f"{services.http['catalog']}/api/v1/books", params={"title": "hunger"}
        )
        (book,) = found.json()["items"]
        stocked = await client.get(
            f"{services.http['inventory']}/api/v1/stocks", params={"book_id": book["id"]}
        )
    async with Buyer(services.http["identity"]) as buyer:
        wanted = {"order_items": [{"book_id": book["id"], "quantity": 2}]}
        orders = f"{services.http['order']}/api/v1/orders"
        quoted = await buyer.http.post(f"{orders}/quote", json=wanted)
        placing = await buyer.http.post(orders, json=wanted)
        access_token = buyer.http.headers["authorization"].partition(" ")[2]
        user_id = jwt.decode(access_token, options={"verify_signature": False})["sub"]
        customer = f"{services.http['customer']}/api/v1/customers/{user_id}"
        profile, bought, paid = [
            await buyer.http.get(f"{customer}{part}") for part in ("", "/orders", "/payments")
        ]

    (row,) = stocked.json()["items"]
    assert book["quantity"] == row["quantity"] > 0
    assert quoted.status_code == 200, quoted.text
    quote = quoted.json()
    assert quote["order_items"][0]["title"] == book["title"]
    assert quote["total_price"]["amount"] == 2 * book["price"]["amount"]
    assert placing.status_code == 405
    assert (profile.status_code, profile.json()["email"]) == (200, buyer.email)
    assert (bought.json()["total"], paid.json()["total"]) == (0, 0)


async def test_each_tells_what_its_neighbours_asked(services: Services) -> None:
    async with httpx.AsyncClient() as client, Buyer(services.http["identity"]) as buyer:
        wanted = {"order_items": [{"book_id": 7, "quantity": 1}]}
        await buyer.http.post(f"{services.http['order']}/api/v1/orders/quote", json=wanted)
        told = (await client.get(f"{services.http['catalog']}/metrics")).text

    prices = 'method="book.v1.BookService/FindPrices"'
    assert f'rpc_requests_total{{{prices},status="OK"}}' in told
    assert f"rpc_request_duration_seconds_count{{{prices}}}" in told


async def test_every_method_wants_a_services_token(services: Services) -> None:
    someone = Caller(id=uuid7(), roles=frozenset(Role))
    reset = current_caller.set(someone)
    forged = outgoing()
    current_caller.reset(reset)
    async with Buyer(services.http["identity"]) as mallory:
        persons_token = mallory.http.headers["authorization"]
    async with httpx.AsyncClient() as client:
        good = await services.tokens(client)()
    refused, answered = set(), {}
    for name, method in methods():
        async with grpc.aio.insecure_channel(services.rpc[name]) as channel:
            for shown in ("", "Bearer forged", persons_token, good):
                said = await status(channel, method, *forged, ("authorization", shown))
                refused.add(said)
            answered[method.full_name] = await status(channel, method, *bearing(good))

    assert refused == {grpc.StatusCode.UNAUTHENTICATED}
    assert len(answered) >= 17
    # An empty message may be nonsense to them, but they read it.
    assert set(answered.values()) <= {
        grpc.StatusCode.OK,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
    }


async def test_nobody_deletes_a_user_by_claiming_to_be_a_service(services: Services) -> None:
    account = {"email": "victim@example.com", "password": PASSWORD}
    async with httpx.AsyncClient(base_url=services.http["identity"]) as client:
        names = {"first_name": "Vic", "last_name": "Tim"}
        victim = (await client.post("/api/v1/users/signup", json=account | names)).json()
        reset = current_caller.set(Caller(roles=frozenset({Role.SYSTEM, Role.MANAGE})))
        async with open_channel(services.rpc["identity"]) as channel:
            with pytest.raises(ForbiddenError):
                await UserServiceStub(channel).DeleteUser(
                    user_pb2.DeleteUserRequest(id=victim["id"])
                )
        current_caller.reset(reset)
        still_there = await client.post("/api/v1/users/signin", json=account)

    assert still_there.status_code == 200


async def test_a_wrong_secret_gets_no_token(services: Services) -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(UnavailableError):
            await services.tokens(client, secret="x" * 41)()
