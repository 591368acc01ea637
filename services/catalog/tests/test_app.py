"""The whole catalog on a database file, with the starter catalogue."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient

from bookstore.catalog.app import open_catalog, wire
from bookstore.catalog.application.ports import Store
from bookstore.catalog.domain.book import BookId
from bookstore.catalog.inbound.starter import StarterMissingError
from bookstore.catalog.settings import Settings
from bookstore.kit.clock import FakeClock
from bookstore.kit.errors import UnavailableError
from bookstore.kit.rpc import Loopback
from bookstore.kit.service import Service
from bookstore.kit.transaction import Transact
from services.catalog.tests.neighbours import MemorySales, MemoryStockroom

STARTER: dict[str, Any] = {
    "publishers": [{"name": "Pearson", "address": "London"}],
    "books": [
        {
            "title": "Clean Code",
            "isbn": "9780132350884",
            "authors": ["Robert C. Martin"],
            "publisher": "Pearson",
            "category": "Coding Practices",
            "price": {"amount": 3999, "currency": "USD"},
            "description": None,
            "quantity": 3,
        },
        {
            "title": "Zine",
            "isbn": None,
            "authors": [],
            "publisher": None,
            "category": None,
            "price": {"amount": 100, "currency": "USD"},
            "description": "A zine.",
            "quantity": 20,
        },
    ],
}


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    file = tmp_path / "books.json"
    file.write_text(json.dumps(STARTER))
    return file


def found(transact: Transact[Store], stockroom: MemoryStockroom, starter: Path) -> Service:
    return wire(
        transact,
        transact,
        stockroom=stockroom,
        sales=MemorySales(),
        clock=FakeClock(),
        starter=starter,
    )


async def test_a_new_store_is_ready_once_it_has_something_to_sell(
    transact: Transact[Store],
    starter: Path,
    client_of: Callable[[Service], AsyncClient],
) -> None:
    stockroom = MemoryStockroom()
    service = found(transact, stockroom, starter)
    (load,) = service.background
    with pytest.raises(StarterMissingError):
        await service.ready()

    await load()

    await service.ready()
    async with client_of(service) as client:
        page = (await client.get("/api/v1/books?sort=title&order=asc")).json()
    assert [(book["title"], book["quantity"]) for book in page["items"]] == [
        ("Clean Code", 3),
        ("Zine", 20),
    ]
    assert page["items"][0]["publisher"] == {"id": 1, "name": "Pearson", "address": "London"}
    assert page["items"][0]["category"] == {"id": 21, "name": "Coding Practices"}


async def test_the_starter_catalogue_is_loaded_once(
    transact: Transact[Store], starter: Path
) -> None:
    stockroom = MemoryStockroom()
    (load,) = found(transact, stockroom, starter).background
    await load()
    del stockroom.shelves[BookId(1)]

    (again,) = found(transact, stockroom, starter).background
    await again()

    assert list(stockroom.shelves) == [2]


async def test_a_first_start_cut_short_is_finished_by_the_next(
    transact: Transact[Store], starter: Path
) -> None:
    stockroom = MemoryStockroom()
    stockroom.is_shut = True
    (load,) = found(transact, stockroom, starter).background
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(load(), 0.05)

    stockroom.is_shut = False
    (again,) = found(transact, stockroom, starter).background
    await again()

    assert {key: figures.quantity for key, figures in stockroom.shelves.items()} == {1: 3, 2: 20}


async def test_the_catalog_opens_on_a_file_and_keeps_what_it_is_told(
    tmp_path: Path, client_of: Callable[[Service], AsyncClient]
) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/catalog.db")
    channel = Loopback().channel
    for expected in (1, 2):
        async with open_catalog(settings, inventory=channel, order=channel) as service:
            await service.ready()
            async with client_of(service) as client:
                await client.post("/api/v1/authors", json={"name": "A"})
                page = (await client.get("/api/v1/authors")).json()
                book = await client.post(
                    "/api/v1/books", json={"title": "B", "price": {"amount": 1, "currency": "USD"}}
                )
                shown = (await client.get(book.headers["location"])).json()
        assert page["total"] == expected
        assert shown["quantity"] is None


async def test_what_was_found_broken_is_not_kept_as_ready(tmp_path: Path) -> None:
    starter = tmp_path / "books.json"
    starter.write_text("[]", encoding="utf-8")
    settings = Settings(database_url=f"sqlite:///{tmp_path}/catalog.db", starter=starter)
    channel = Loopback().channel
    async with open_catalog(settings, inventory=channel, order=channel) as service:
        with pytest.raises(UnavailableError):
            await service.ready()
