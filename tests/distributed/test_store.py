"""A purchase, and how it can fail, across all processes, and the commands that look after it."""

import asyncio
from typing import Any

import httpx
from tests.harness.distributed import Distributed
from tests.harness.people import Buyer, Staff
from tests.harness.shopping import until_over


async def steps(buyer: Buyer, order: dict[str, Any]) -> list[tuple[str, str, str]]:
    saga = (await buyer.http.get(f"/api/v1/orders/{order['id']}/saga")).json()
    return [(line["step"], line["kind"], line["status"]) for line in saga["timeline"]]


async def over(buyer: Buyer, answer: httpx.Response) -> dict[str, Any]:
    """Wait until an order that was accepted has come to its end."""
    assert answer.status_code in {201, 202, 402, 409}, answer.text
    return await until_over(buyer, answer.headers["location"])


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


async def test_more_than_there_is_is_compensated(buyer: Buyer, staff: Staff) -> None:
    book = await staff.shelve(2)

    order = await over(buyer, await buyer.buy((book, 3), prefer="wait=60"))

    assert (order["status"], order["reason"]) == ("cancelled", "out-of-stock")
    done = await steps(buyer, order)
    assert ("make_payment", "undo", "done") in done
    assert ("capture_payment", "do", "done") not in done
    assert await staff.figures(book) == (2, 0)


async def test_a_purchase_is_shipped_or_called_off(buyer: Buyer, staff: Staff) -> None:
    book = await staff.shelve(2)
    orders = [await over(buyer, await buyer.buy((book, 1), prefer="wait=60")) for _ in range(2)]
    shipped, called_off = (f"/api/v1/orders/{order['id']}" for order in orders)

    await staff.http.post(f"{shipped}/ship")
    await buyer.http.post(f"{called_off}/cancel")

    assert (await until_over(buyer, called_off))["status"] == "cancelled"
    await until_over(buyer, shipped, statuses={"shipping"})
    assert await staff.figures(book) == (1, 0)
    (paid_back,) = await staff.payments(orders[1]["id"])
    assert paid_back["refunded_amount"] == paid_back["captured_amount"]


def test_the_commands_work_unchanged(store: Distributed) -> None:
    bought = store.run("demo", "--url", store.url)
    listed = store.run("sagas", "list", "--url", store.url)

    assert bought.returncode == 0, bought.stdout + bought.stderr
    assert "3 clicks, 1 order" in bought.stdout
    assert listed.returncode == 0, listed.stdout + listed.stderr


def test_the_books_agree(store: Distributed) -> None:
    verified = store.run("verify")

    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "invariants hold" in verified.stdout
