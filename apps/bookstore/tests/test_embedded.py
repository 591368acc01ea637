"""Six services in one process: each operation has its place, and they know each other."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bookstore.cli.embedded import Store, open_store
from bookstore.cli.folder import Folder
from bookstore.contracts.proto.stock.v1.stock_pb2 import FindStockFiguresRequest
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import StockServiceStub
from bookstore.contracts.proto.user.v1.user_pb2 import DeleteUserRequest
from bookstore.contracts.proto.user.v1.user_pb2_grpc import UserServiceStub
from bookstore.kit.errors import UnavailableError
from bookstore.kit.jobs import keep_running
from bookstore.kit.settings import SettingsError

STARTER = """{
  "publishers": [{"name": "Manning", "address": null}],
  "books": [{
    "title": "Kubernetes in Action", "isbn": "9781617293726", "authors": ["Marko Luksa"],
    "publisher": "Manning", "category": "Kubernetes",
    "price": {"amount": 5999, "currency": "USD"}, "description": null, "quantity": 2
  }]
}"""
ACCOUNT = {"email": "ann@example.com", "password": "correct horse"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    (tmp_path / "starter.json").write_text(STARTER)
    environment = {"CATALOG_STARTER": str(tmp_path / "starter.json")}
    async with open_store(
        Folder(tmp_path), public_url="http://127.0.0.1:8080", environment=environment
    ) as store:
        jobs = [asyncio.create_task(keep_running(job)) for job in store.jobs]
        yield store
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)


async def buy(
    http: httpx.AsyncClient, token: str, key: str, book_id: int, quantity: int = 2
) -> httpx.Response:
    return await http.post(
        "/api/v1/orders",
        json={
            "order_items": [{"book_id": book_id, "quantity": quantity}],
            "payment_method": {"type": "card", "token": "tok_visa"},
        },
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )


async def until_ready(store: Store) -> None:
    while True:
        try:
            await store.ready()
        except UnavailableError:
            await asyncio.sleep(0.01)
        else:
            return


async def test_a_book_of_the_starter_catalogue_is_bought_from_one_process(store: Store) -> None:
    transport = httpx.ASGITransport(store.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as http:
        await until_ready(store)
        await http.post(
            "/api/v1/users/signup", json=ACCOUNT | {"first_name": "Ann", "last_name": "Reader"}
        )
        token = (await http.post("/api/v1/users/signin", json=ACCOUNT)).json()["access_token"]
        (book,) = (await http.get("/api/v1/books", params={"title": "kubernetes"})).json()["items"]
        bought = await buy(http, token, "one", book["id"])
    figures = await StockServiceStub(store.loopback.channel).FindStockFigures(
        FindStockFiguresRequest(book_ids=[book["id"]])
    )

    assert (bought.status_code, bought.json()["status"]) == (201, "confirmed")
    assert [(f.quantity, f.reserved_quantity) for f in figures.items] == [(2, 2)]


async def test_a_token_that_outlives_its_account_buys_nothing(store: Store) -> None:
    transport = httpx.ASGITransport(store.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as http:
        await until_ready(store)
        user = await http.post(
            "/api/v1/users/signup", json=ACCOUNT | {"first_name": "Ann", "last_name": "Reader"}
        )
        token = (await http.post("/api/v1/users/signin", json=ACCOUNT)).json()["access_token"]
        bought = await buy(http, token, "one", 1, quantity=1)
        await UserServiceStub(store.loopback.channel).DeleteUser(
            DeleteUserRequest(id=user.json()["id"])
        )
        refused = await buy(http, token, "two", 1, quantity=1)
        repeated = await buy(http, token, "one", 1, quantity=1)

    assert (refused.status_code, refused.json()["code"]) == (403, "account-closed")
    assert (repeated.status_code, repeated.json()) == (201, bought.json())


async def test_all_six_services_are_specified_in_one_document(store: Store) -> None:
    transport = httpx.ASGITransport(store.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as http:
        document = (await http.get("/openapi.json")).json()
        docs = await http.get("/docs")

    operations = sum(
        method in {"get", "post", "put", "delete"}
        for path in document["paths"].values()
        for method in path
    )
    assert operations >= 49
    for path in ("books", "customers", "users/signin", "stocks", "orders", "payments"):
        assert f"/api/v1/{path}" in document["paths"]
    assert docs.status_code == 200


async def test_told_to_stop_it_is_no_longer_ready(store: Store) -> None:
    transport = httpx.ASGITransport(store.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as http:
        await until_ready(store)
        before = await http.get("/readyz")
        store.application.drain()
        after = await http.get("/readyz")

    assert (before.status_code, after.status_code) == (200, 503)


async def test_a_starter_catalogue_that_is_not_there_is_said_before_anything_is_served(
    tmp_path: Path,
) -> None:
    opening = open_store(
        Folder(tmp_path),
        public_url="http://127.0.0.1:8080",
        environment={"CATALOG_STARTER": "/nowhere/books.json"},
    )

    with pytest.raises(SettingsError, match="CATALOG_STARTER: there is no file /nowhere"):
        await opening.__aenter__()
