"""What the tests of ordering begin with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.databases import STORES, an_empty_database

from bookstore.kit.clock import FakeClock
from bookstore.kit.database import Database, open_database
from bookstore.kit.transaction import Transact, at_once
from bookstore.order.app import MIGRATIONS
from bookstore.order.application.ports import OrderStore
from bookstore.order.outbound.sql import SqlOrderStore
from services.order.tests.builders import NOW
from services.order.tests.memory import MemoryStore


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database that was migrated and never used: tests take copies of it."""
    folder = tmp_path_factory.mktemp("empty")
    with open_database(f"sqlite:///{folder}/order.db", MIGRATIONS):
        pass
    return folder / "order.db"


@pytest.fixture
def folder(tmp_path: Path, empty: Path) -> Path:
    shutil.copy(empty, tmp_path)
    return tmp_path


@pytest.fixture
def database(folder: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{folder}/order.db", MIGRATIONS) as opened:
        yield opened


@pytest.fixture(params=STORES)
def transact(request: pytest.FixtureRequest) -> Iterator[Transact[OrderStore]]:
    """Transactions on each kind of store: the suite of the ports runs on both."""
    if request.param == "memory":
        yield at_once(MemoryStore())
    elif request.param == "sqlite":
        yield request.getfixturevalue("database").transact(SqlOrderStore)
    else:
        with (
            an_empty_database(request.param) as url,
            open_database(url, MIGRATIONS) as served,
        ):
            yield served.transact(SqlOrderStore)
