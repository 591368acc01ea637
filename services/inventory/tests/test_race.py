"""Many buyers at once on one database: as many copies are sold as there are."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.harness.databases import SQL, an_empty_database, engine

from bookstore.inventory.app import MIGRATIONS
from bookstore.inventory.inbound.worker import tasks
from bookstore.inventory.outbound.sql import SqlInventory
from bookstore.kit.clock import SystemClock
from bookstore.kit.database import open_database
from bookstore.saga.task import Handler, Reject
from services.inventory.tests.builders import BY_HAND, NOON, a_description, a_draft, a_task

SUMS = """
    SELECT quantity, reserved,
           (SELECT sum(quantity) FROM movement WHERE stock_id = stock.id),
           (SELECT sum(reserved) FROM movement WHERE stock_id = stock.id),
           (SELECT sum(quantity) FROM reservation WHERE stock_id = stock.id AND status = 'held')
    FROM stock
"""
SHORTAGES = "SELECT asked, available FROM shortage"


async def buys(reserve: Handler, order: int) -> str:
    try:
        await reserve(a_task("reserve_inventory", order=order, b1=1))
    except Reject as rejection:
        return rejection.code
    return "reserved"


@pytest.mark.parametrize("copies", [5, 1])
@pytest.mark.parametrize("kind", SQL)
async def test_thirty_buyers_get_the_copies_there_are_and_each_loser_is_told(
    tmp_path: Path, kind: str, copies: int
) -> None:
    with an_empty_database(kind, tmp_path) as url:
        with open_database(url, MIGRATIONS) as database:
            transact = database.transact(SqlInventory)
            await transact(lambda desk: desk.warehouses.add(a_description(), NOON))
            await transact(lambda desk: desk.stocks.add(a_draft(quantity=copies), BY_HAND, NOON))
            reserve = tasks(transact, SystemClock())["inventory.reserve"]

            ends = await asyncio.gather(
                *(buys(reserve, n) for n in range(1, 31) for _ in range(2))
            )
        with engine(url).connect() as connection:
            sums = [tuple(row) for row in connection.execute(sa.text(SUMS))]
            shortages = [tuple(row) for row in connection.execute(sa.text(SHORTAGES))]

    assert ends.count("reserved") == 2 * copies  # each buyer asks twice and hears the same
    assert ends.count("out-of-stock") == 2 * (30 - copies)
    assert sums == [(copies, copies, copies, copies, copies)]
    assert shortages == [(1, 0)] * (30 - copies)
