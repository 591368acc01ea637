"""What the catalog's tests share: stores, neighbours and a client."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import pytest
from httpx import ASGITransport, AsyncClient
from tests.harness.databases import STORES, an_empty_database

from bookstore.catalog.app import MIGRATIONS, wire
from bookstore.catalog.application.ports import Store
from bookstore.catalog.outbound.sql import SqlStore
from bookstore.kit.auth import KnownCallers
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import FakeClock
from bookstore.kit.database import open_database
from bookstore.kit.http import application
from bookstore.kit.service import Service
from bookstore.kit.transaction import Transact, at_once
from services.catalog.tests.memory import MemoryStore
from services.catalog.tests.neighbours import MemorySales, MemoryStockroom

STAFF = {"authorization": "Bearer staff"}
CUSTOMER = {"authorization": "Bearer customer"}
CALLERS = KnownCallers(
    {
        "staff": Caller(roles=frozenset({Role.MANAGE})),
        "customer": Caller(roles=frozenset({Role.ORDER, Role.PROFILE, Role.VIEW})),
    }
)


@pytest.fixture(params=STORES)
def transact(request: pytest.FixtureRequest) -> Iterator[Transact[Store]]:
    if request.param == "memory":
        yield at_once(MemoryStore())
    else:
        with (
            an_empty_database(request.param) as url,
            open_database(url, MIGRATIONS) as database,
        ):
            yield database.transact(SqlStore)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@dataclass
class Shop:
    """The catalog over HTTP, on a store in memory, with neighbours that a test can steer."""

    clock: FakeClock
    stockroom: MemoryStockroom = field(default_factory=MemoryStockroom)
    sales: MemorySales = field(default_factory=MemorySales)
    store: MemoryStore = field(default_factory=MemoryStore)

    def service(self) -> Service:
        transact = at_once(self.store)
        return wire(
            transact, transact, stockroom=self.stockroom, sales=self.sales, clock=self.clock
        )


@pytest.fixture
def shop(clock: FakeClock) -> Shop:
    return Shop(clock)


@pytest.fixture
def client_of() -> Callable[[Service], AsyncClient]:
    def client(service: Service) -> AsyncClient:
        app = application(service.operations, authenticator=CALLERS, ready=service.ready)
        return AsyncClient(transport=ASGITransport(app), base_url="http://catalog", headers=STAFF)

    return client


@pytest.fixture
async def client(
    shop: Shop, client_of: Callable[[Service], AsyncClient]
) -> AsyncIterator[AsyncClient]:
    async with client_of(shop.service()) as opened:
        yield opened
