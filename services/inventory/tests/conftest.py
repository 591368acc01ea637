"""Every test of a port runs on the fake and on each database."""

from collections.abc import AsyncGenerator

import pytest
from tests.harness.databases import STORES, an_empty_database

from bookstore.inventory.app import MIGRATIONS
from bookstore.inventory.inbound.worker import Desk
from bookstore.inventory.outbound.sql import SqlInventory
from bookstore.kit.database import open_database
from bookstore.kit.transaction import Transact, at_once
from services.inventory.tests.builders import building
from services.inventory.tests.memory import MemoryInventory


@pytest.fixture(params=STORES)
async def transact(request: pytest.FixtureRequest) -> AsyncGenerator[Transact[Desk]]:
    """Return an inventory with warehouses 1 and 2."""
    if request.param == "memory":
        chosen: Transact[Desk] = at_once(MemoryInventory())
        await _build(chosen)
        yield chosen
    else:
        with (
            an_empty_database(request.param) as url,
            open_database(url, MIGRATIONS) as database,
        ):
            chosen = database.transact(SqlInventory)
            await _build(chosen)
            yield chosen


async def _build(transact: Transact[Desk]) -> None:
    for name in ("Main", "Annex"):
        await transact(building(name))
