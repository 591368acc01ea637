"""Many buyers at once on one SQLite file: as many copies are sold as there are."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

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


async def buys(reserve: Handler, order: int) -> str:
    try:
        await reserve(a_task("reserve_inventory", order=order, b1=1))
    except Reject as rejection:
        return rejection.code
    return "reserved"


@pytest.mark.parametrize("copies", [5, 1])
async def test_thirty_buyers_get_the_copies_there_are_and_each_loser_is_told(
    tmp_path: Path, copies: int
) -> None:
    file = tmp_path / "inventory.db"
    with open_database(f"sqlite:///{file}", MIGRATIONS) as database:
        transact = database.transact(SqlInventory)
        await transact(lambda desk: desk.warehouses.add(a_description(), NOON))
        await transact(lambda desk: desk.stocks.add(a_draft(quantity=copies), BY_HAND, NOON))
        reserve = tasks(transact, SystemClock())["inventory.reserve"]

        ends = await asyncio.gather(*(buys(reserve, n) for n in range(1, 31) for _ in range(2)))

    assert ends.count("reserved") == 2 * copies  # each buyer asks twice and hears the same
    assert ends.count("out-of-stock") == 2 * (30 - copies)
    connection = sqlite3.connect(file)
    sums = connection.execute(SUMS).fetchall()
    shortages = connection.execute("SELECT asked, available FROM shortage").fetchall()
    connection.close()
    assert sums == [(copies, copies, copies, copies, copies)]
    assert shortages == [(1, 0)] * (30 - copies)
