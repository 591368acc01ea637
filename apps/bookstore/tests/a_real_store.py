"""The data of a small store that was really run: every way in which an order can end, once."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
from tests.harness.people import Buyer, Staff
from tests.harness.store import running

from bookstore.cli.folder import Folder


def run_a_store(data: Path) -> dict[str, str]:
    """Run a store on this folder and stop it again; return its orders' ids by how they ended."""
    with running(data) as store:
        orders = asyncio.run(live(store.url))
        store.stop()
    return orders


async def live(url: str) -> dict[str, str]:
    """Order in every way on the store at this address; return the orders' ids by their endings."""
    async with Staff(url) as staff, Buyer(url) as buyer:
        book, other = await staff.shelve(50), await staff.shelve(50, price=500)
        answers = {
            "confirmed": await buyer.buy((book, 2), (other, 1)),
            "cancelled": await buyer.buy((book, 1)),
            "declined": await buyer.buy((book, 1), token="tok_declined"),
            "short": await buyer.buy((book, 400)),
            "shipped": await buyer.buy((other, 1)),
            "settled": await buyer.buy((other, 3), token="tok_refund_declined"),
            "abandoned": await buyer.buy(
                (book, 1), token="tok_capture_declined", prefer="respond-async"
            ),
        }
        orders = {name: _id(answer) for name, answer in answers.items()}
        await _go_on(staff, buyer, orders)
        customer = (await buyer.http.get(f"/api/v1/orders/{orders['shipped']}")).json()["user_id"]
        for balance in (250, 90):
            await staff.http.put(
                f"/api/v1/customers/{customer}/point", json={"point": balance, "reason": "a gift"}
            )
        await buyer.http.post(f"/api/v1/customers/{customer}/wishlist", json={"book_ids": [book]})
    return orders


async def _go_on(staff: Staff, buyer: Buyer, orders: dict[str, str]) -> None:
    await buyer.http.post(f"/api/v1/orders/{orders['cancelled']}/cancel")
    await staff.http.post(f"/api/v1/orders/{orders['shipped']}/ship")
    await _saga(staff, orders["shipped"], "completed")
    await staff.http.post(f"/api/v1/orders/{orders['shipped']}/complete")
    (payment,) = await staff.payments(orders["confirmed"])
    refund = await staff.http.post(
        f"/api/v1/payments/{payment['id']}/refunds",
        json={"amount": {"amount": 100, "currency": "USD"}, "reason": "a torn cover"},
        headers={"Idempotency-Key": "a-refund"},
    )
    assert refund.status_code == 201, refund.text
    await buyer.http.post(
        f"/api/v1/orders/{orders['settled']}/cancel", headers={"Prefer": "respond-async"}
    )
    for order, verb in (("settled", "settle"), ("abandoned", "abandon")):
        saga = await _saga(staff, orders[order], "stuck")
        await staff.http.post(f"/api/v1/sagas/{saga}/{verb}", json={"reason": "a bank transfer"})
        await _saga(staff, orders[order], "completed")


async def _saga(staff: Staff, order: str, state: str) -> str:
    """Wait until the order's newest saga stands there; return its id."""
    saga: dict[str, str] = {}
    for _ in range(400):
        saga = (await staff.http.get(f"/api/v1/orders/{order}/saga")).json()
        if saga["state"] == state:
            return saga["saga_id"]
        await asyncio.sleep(0.02)
    raise AssertionError(f"the saga of {order} is {saga['state']}")


def _id(answer: httpx.Response) -> str:
    return answer.headers["location"].rpartition("/")[2]


@contextmanager
def writing(folder: Folder, service: str) -> Iterator[sqlite3.Connection]:
    """Write as no service would: constraints are off."""
    with closing(sqlite3.connect(folder.file(service))) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection
