"""What the tests of payment begin with."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.harness.databases import STORES, an_empty_database

from bookstore.kit.clock import FakeClock
from bookstore.kit.database import open_database
from bookstore.kit.transaction import Transact, at_once
from bookstore.payment.app import MIGRATIONS
from bookstore.payment.application.ports import CardNetwork, Store
from bookstore.payment.outbound.simulator.network import Timing, open_simulator
from bookstore.payment.outbound.sql import SqlStore
from services.payment.tests.builders import NOW
from services.payment.tests.memory import MemoryStore
from services.payment.tests.networks import FakeCardNetwork

QUICK = Timing(slow=0.01, silent=0.01)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(params=STORES)
def transact(request: pytest.FixtureRequest) -> Iterator[Transact[Store]]:
    """Transactions on each kind of store: the suite of the ports runs on both."""
    if request.param == "memory":
        yield at_once(MemoryStore())
    else:
        with (
            an_empty_database(request.param) as url,
            open_database(url, MIGRATIONS) as database,
        ):
            yield database.transact(SqlStore)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Transact[Store]]:
    """Transactions on SQLite, for what must roll back."""
    with open_database(f"sqlite:///{tmp_path}/payment.db", MIGRATIONS) as database:
        yield database.transact(SqlStore)


@pytest.fixture(params=["fake", "simulator"])
async def network(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[CardNetwork]:
    """Each kind of card network: the suite of the port runs on both."""
    if request.param == "fake":
        yield FakeCardNetwork()
    else:
        url = f"sqlite:///{tmp_path}/card_network.db"
        async with open_simulator(url, timing=QUICK) as simulator:
            yield simulator
