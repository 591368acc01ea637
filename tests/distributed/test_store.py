"""A purchase, and how it can fail, across nine processes, MariaDB, Conductor and an edge."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from tests.harness.distributed import Distributed, distributed
from tests.harness.people import Buyer
from tools.servers import mysql
from tools.servers.conductor import ConductorServer

OVER = {"confirmed", "cancelled"}


@pytest.fixture(scope="module")
def nine(
    tmp_path_factory: pytest.TempPathFactory, conductor_server: ConductorServer
) -> Iterator[Distributed]:
    if reason := mysql.missing("mariadb"):
        pytest.skip(f"NOT TESTED ACROSS PROCESSES: {reason}")
    with distributed(tmp_path_factory.mktemp("nine"), conductor_server) as store:
        yield store


@pytest.fixture
async def buyer(nine: Distributed) -> AsyncIterator[Buyer]:
    async with Buyer(nine.url) as buyer:
        yield buyer


async def over(buyer: Buyer, answer: httpx.Response) -> dict[str, Any]:
    """Wait until an order that was accepted has come to its end."""
    assert answer.status_code in {201, 202, 402, 409}, answer.text
    where = answer.headers["location"]
    async with asyncio.timeout(120):
        while True:
            order: dict[str, Any] = (await buyer.http.get(where)).json()
            if order["status"] in OVER:
                return order
            await asyncio.sleep(0.2)


async def steps(buyer: Buyer, order: dict[str, Any]) -> list[tuple[str, str, str]]:
    saga = (await buyer.http.get(f"/api/v1/orders/{order['id']}/saga")).json()
    return [(line["step"], line["kind"], line["status"]) for line in saga["timeline"]]


async def test_a_book_is_bought(buyer: Buyer) -> None:
    found = await buyer.http.get("/api/v1/books", params={"title": "hunger games", "limit": 5})
    book = found.json()["items"][0]

    order = await over(buyer, await buyer.buy((book["id"], 1), prefer="wait=60"))

    assert order["status"] == "confirmed"
    assert [step for step, kind, _ in await steps(buyer, order) if kind == "do"] == [
        *("place_order", "make_payment", "change_order_status", "reserve_inventory"),
        *("capture_payment", "confirm_order"),
    ]
    (payment,) = (
        await buyer.http.get("/api/v1/payments", params={"order_id": order["id"]})
    ).json()["items"]
    assert (payment["status"], payment["captured_amount"]) == ("captured", order["total_price"])


async def test_a_declined_card_costs_nothing(buyer: Buyer) -> None:
    order = await over(buyer, await buyer.buy((7, 1), token="tok_declined", prefer="wait=60"))

    assert (order["status"], order["reason"]) == ("cancelled", "card-declined")


async def test_three_clicks_are_one_order(buyer: Buyer) -> None:
    answers = await asyncio.gather(
        *(buyer.buy((7, 1), key="clicked", prefer="respond-async") for _ in range(3))
    )

    assert len({answer.headers["location"] for answer in answers}) == 1
    assert (await over(buyer, answers[0]))["status"] == "confirmed"


async def test_more_than_there_is_is_compensated(buyer: Buyer) -> None:
    order = await over(buyer, await buyer.buy((7, 999), prefer="wait=60"))

    assert (order["status"], order["reason"]) == ("cancelled", "out-of-stock")
    done = await steps(buyer, order)
    assert ("make_payment", "undo", "done") in done
    assert ("capture_payment", "do", "done") not in done


async def test_a_worker_that_is_killed_loses_nothing(nine: Distributed, buyer: Buyer) -> None:
    slow = [buyer.buy((7, 1), token="tok_slow", prefer="respond-async") for _ in range(3)]
    answers = await asyncio.gather(*slow)
    await asyncio.sleep(1)
    nine.kill("payment", "work")
    nine.start("payment", "work")

    for answer in answers:
        order = await over(buyer, answer)
        assert order["status"] in OVER
        (payment,) = (
            await buyer.http.get("/api/v1/payments", params={"order_id": order["id"]})
        ).json()["items"]
        wanted = "captured" if order["status"] == "confirmed" else "voided"
        assert payment["status"] == wanted


def test_all_of_them_stop_when_told(nine: Distributed) -> None:
    assert set(nine.stop().values()) == {0}
