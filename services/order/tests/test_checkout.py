"""A purchase, and a test for every place where it can fail: our service with the real engine."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bookstore.saga.task import Task
from services.order.tests.shop import Neighbours, Shop, open_shop


@pytest.fixture
async def shop(folder: Path) -> AsyncIterator[Shop]:
    async with open_shop(folder) as opened:
        yield opened


def steps(saga: Any) -> list[tuple[str, str, str]]:
    return [(line["step"], line["kind"], line["status"]) for line in saga["timeline"]]


async def test_a_purchase_is_confirmed_in_six_steps(shop: Shop) -> None:
    answer = await shop.buy()

    assert answer.status_code == 201
    order = answer.json()
    assert (order["status"], order["reason"]) == ("confirmed", None)
    assert order["number"].endswith("-000001")
    assert order["total_price"] == {"amount": 7998, "currency": "USD"}
    assert answer.headers["location"] == f"/api/v1/orders/{order['id']}"
    assert shop.neighbours.done == ["payment.authorise", "inventory.reserve", "payment.capture"]
    saga = await shop.saga(order["id"])
    assert (saga["state"], saga["name"], saga["order_id"]) == (
        "completed",
        "place_order",
        order["id"],
    )
    assert steps(saga) == [
        ("place_order", "do", "done"),
        ("make_payment", "do", "done"),
        ("change_order_status", "do", "done"),
        ("reserve_inventory", "do", "done"),
        ("capture_payment", "do", "done"),
        ("confirm_order", "do", "done"),
    ]


async def test_a_declined_card_is_402_and_the_order_is_cancelled(shop: Shop) -> None:
    shop.neighbours.reject("payment.authorise", "card-declined")

    answer = await shop.buy(prefer="wait=4")

    assert answer.status_code == 402
    assert answer.headers["preference-applied"] == "wait=4"
    problem = answer.json()
    assert problem["code"] == "card-declined"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["location"] == problem["instance"]
    order = await shop.order(problem["instance"].rpartition("/")[2])
    assert (order["status"], order["reason"]) == ("cancelled", "card-declined")
    assert shop.neighbours.done == ["payment.authorise", "payment.void"]


async def test_a_card_network_that_stays_silent_is_409_and_the_payment_is_voided(
    shop: Shop,
) -> None:
    shop.neighbours.fail("payment.authorise")

    answer = await shop.buy()

    assert (answer.status_code, answer.json()["code"]) == (409, "payment-unavailable")
    assert shop.neighbours.done == ["payment.authorise", "payment.void"]


async def test_a_sold_out_book_is_409_and_says_how_many_there_are(shop: Shop) -> None:
    shortage = {"pointer": "/order_items/1/quantity", "code": "out-of-stock", "available": 3}
    shop.neighbours.reject("inventory.reserve", "out-of-stock", shortage)
    items = [(1, 2), (1, 1), (2, 4)]

    answer = await shop.buy(order_items=[{"book_id": b, "quantity": q} for b, q in items])

    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "out-of-stock"
    (error,) = problem["errors"]
    assert (error["pointer"], error["available"]) == ("/order_items/2", 3)
    assert shop.neighbours.done == [
        "payment.authorise",
        "inventory.reserve",
        "inventory.release",
        "payment.void",
    ]
    order = await shop.order(problem["instance"].rpartition("/")[2])
    assert (order["status"], order["reason"]) == ("cancelled", "out-of-stock")


async def test_an_inventory_that_stays_away_ends_the_purchase_without_payment(shop: Shop) -> None:
    shop.neighbours.fail("inventory.reserve")

    answer = await shop.buy(prefer="wait=20")

    assert (answer.status_code, answer.json()["code"]) == (409, "order-cancelled")
    assert shop.neighbours.done.count("inventory.reserve") == 4
    assert shop.neighbours.done[-2:] == ["inventory.release", "payment.void"]


@pytest.mark.parametrize("name", ["inventory.reserve", "payment.capture"])
async def test_a_neighbour_that_comes_back_is_asked_again(shop: Shop, name: str) -> None:
    shop.neighbours.fail(name, times=2)

    assert (await shop.buy(prefer="wait=20")).status_code == 201
    assert shop.neighbours.done.count(name) == 3


@pytest.mark.parametrize("name", ["payment.void", "inventory.release"])
async def test_an_undo_is_tried_until_it_succeeds(shop: Shop, name: str) -> None:
    shortage = {"pointer": "/order_items/0/quantity", "code": "out-of-stock", "available": 0}
    shop.neighbours.reject("inventory.reserve", "out-of-stock", shortage)
    shop.neighbours.fail(name, times=2)

    assert (await shop.buy(prefer="wait=20")).json()["code"] == "out-of-stock"


async def test_a_purchase_called_off_while_it_is_paid_is_cancelled(shop: Shop) -> None:
    called_off: list[asyncio.Task[Any]] = []

    async def cancel_meanwhile(task: Task) -> None:
        path = f"/orders/{task.input['order_id']}/cancel"
        called_off.append(asyncio.create_task(shop.call("POST", path)))
        await asyncio.sleep(0.05)

    shop.neighbours.doing["payment.authorise"] = cancel_meanwhile

    answer = await shop.buy()

    assert (answer.status_code, answer.json()["code"]) == (409, "order-cancelled")
    cancelled = await called_off[0]
    assert cancelled.status_code == 200
    assert (cancelled.json()["status"], cancelled.json()["reason"]) == (
        "cancelled",
        "cancelled-by-customer",
    )
    assert shop.neighbours.done == ["payment.authorise", "payment.void"]


async def test_calling_a_purchase_off_again_is_as_good_as_once(shop: Shop) -> None:
    asked, paid = asyncio.Event(), asyncio.Event()

    async def pay(_task: Task) -> None:
        asked.set()
        await paid.wait()

    shop.neighbours.doing["payment.authorise"] = pay
    order_id = (await shop.buy(prefer="respond-async")).json()["id"]
    path, now = f"/orders/{order_id}/cancel", {"prefer": "wait=0"}
    await asked.wait()

    answers = [await shop.call("POST", path, headers=now) for _ in "12"]
    answers += await asyncio.gather(*(shop.call("POST", path, headers=now) for _ in "123456"))
    waiting = asyncio.gather(*(shop.call("POST", path) for _ in "12"))
    paid.set()

    assert {answer.status_code for answer in answers} == {202}
    assert {answer.headers["location"] for answer in answers} == {f"/api/v1/orders/{order_id}"}
    assert len({answer.json()["updated_at"] for answer in answers}) == 1
    assert {(a.status_code, a.json()["status"]) for a in await waiting} == {(200, "cancelled")}
    assert shop.neighbours.done == ["payment.authorise", "payment.void"]


async def test_whatever_buyers_and_staff_do_at_once_no_answer_is_a_5xx(shop: Shop) -> None:
    """Three cancel, two ship and one completes, while the purchase goes on underneath."""
    for delay in range(12):
        order_id = (await shop.buy(prefer="respond-async")).json()["id"]
        path = f"/orders/{order_id}"
        await asyncio.sleep(delay / 1000)

        answers = await asyncio.gather(
            *(shop.call("POST", f"{path}/cancel", headers={"prefer": "wait=5"}) for _ in "123"),
            *(shop.call("POST", f"{path}/ship", "staff") for _ in "12"),
            shop.call("POST", f"{path}/complete", "staff"),
        )

        assert {answer.status_code for answer in answers} <= {200, 202, 409}
        await shop.saga_came_to(order_id, "completed", "compensated")


async def test_once_it_is_paid_it_is_too_late_to_call_it_off(shop: Shop) -> None:
    refused: list[Any] = []

    async def cancel_meanwhile(task: Task) -> None:
        refused.append(await shop.call("POST", f"/orders/{task.input['order_id']}/cancel"))

    shop.neighbours.doing["inventory.reserve"] = cancel_meanwhile

    assert (await shop.buy()).status_code == 201
    assert (refused[0].status_code, refused[0].json()["code"]) == (409, "too-late")


async def test_a_confirmed_order_is_paid_back_when_it_is_cancelled(shop: Shop) -> None:
    bought = await shop.buy(key="k1")
    order_id = bought.json()["id"]
    shop.neighbours.done.clear()

    cancelled = await shop.call("POST", f"/orders/{order_id}/cancel", "staff")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.json()["reason"] == "cancelled-by-staff"
    assert shop.neighbours.done == ["payment.refund", "inventory.release"]
    saga = await shop.saga(order_id)
    assert (saga["name"], saga["state"]) == ("cancel_order", "completed")
    assert (await shop.saga(order_id, name="place_order"))["state"] == "completed"
    again = await shop.buy(key="k1")
    assert (again.status_code, again.content) == (201, bought.content)


async def test_cancelling_again_has_no_second_effect(shop: Shop) -> None:
    order_id = (await shop.buy()).json()["id"]
    path = f"/orders/{order_id}/cancel"

    answers = [await shop.call("POST", path, headers={"idempotency-key": "c1"}) for _ in "12"]
    answers.append(await shop.call("POST", path))

    assert [(a.status_code, a.json()["status"]) for a in answers] == [(200, "cancelled")] * 3
    assert shop.neighbours.done.count("payment.refund") == 1


async def test_a_cancellation_that_takes_its_time_is_202(shop: Shop) -> None:
    order_id = (await shop.buy()).json()["id"]
    released = shop.neighbours.hold("inventory.release")
    path = f"/orders/{order_id}/cancel"

    first = await shop.call("POST", path, headers={"prefer": "respond-async"})
    second = await shop.call("POST", path)

    assert (first.status_code, first.json()["status"]) == (202, "cancelling")
    assert first.headers["preference-applied"] == "respond-async"
    assert (second.status_code, second.json()["status"]) == (200, "cancelling")
    released.set()
    assert (await shop.saga_came_to(order_id, "completed"))["name"] == "cancel_order"


async def test_a_key_of_a_cancellation_is_for_one_order(shop: Shop) -> None:
    one, two = [(await shop.buy()).json()["id"] for _ in "12"]
    key = {"idempotency-key": "c1"}
    assert (await shop.call("POST", f"/orders/{one}/cancel", headers=key)).status_code == 200

    refused = await shop.call("POST", f"/orders/{two}/cancel", headers=key)

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")


async def test_an_order_ships_and_is_completed_only_once_it_is_off(shop: Shop) -> None:
    order_id = (await shop.buy()).json()["id"]
    loaded = shop.neighbours.hold("inventory.ship")

    shipped = await shop.call("POST", f"/orders/{order_id}/ship", "staff")
    early = await shop.call("POST", f"/orders/{order_id}/complete", "staff")
    loaded.set()
    await shop.saga_came_to(order_id, "completed", name="ship_order")
    completed = await shop.call("POST", f"/orders/{order_id}/complete", "staff")

    assert (shipped.status_code, shipped.json()["status"]) == (202, "shipping")
    assert {a.headers["location"] for a in (shipped, completed)} == {f"/api/v1/orders/{order_id}"}
    assert (early.status_code, early.json()["code"]) == (409, "shipment-open")
    assert (completed.status_code, completed.json()["status"]) == (202, "completed")
    late = await shop.call("POST", f"/orders/{order_id}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "too-late")


async def test_of_shipping_and_cancelling_at_once_exactly_one_wins(shop: Shop) -> None:
    for _ in range(20):
        order_id = (await shop.buy()).json()["id"]
        shop.neighbours.done.clear()

        shipped, cancelled = await asyncio.gather(
            shop.call("POST", f"/orders/{order_id}/ship", "staff"),
            shop.call("POST", f"/orders/{order_id}/cancel"),
        )
        saga = await shop.saga_came_to(order_id, "completed")

        assert sorted([shipped.status_code, cancelled.status_code]) in ([202, 409], [200, 409])
        ship_won = shipped.status_code == 202
        assert saga["name"] == ("ship_order" if ship_won else "cancel_order")
        assert ("inventory.ship" in shop.neighbours.done) == ship_won
        assert ("payment.refund" in shop.neighbours.done) != ship_won


async def test_twelve_orders_at_once_have_twelve_numbers(shop: Shop) -> None:
    answers = await asyncio.gather(*(shop.buy() for _ in range(12)))

    assert [answer.status_code for answer in answers] == [201] * 12
    assert len({answer.json()["number"] for answer in answers}) == 12


async def test_twenty_clicks_are_one_order_and_one_answer(shop: Shop) -> None:
    answers = await asyncio.gather(*(shop.buy(key="k1") for _ in range(20)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert shop.neighbours.done.count("payment.capture") == 1


async def test_twenty_clicks_for_a_sold_out_book_are_one_refusal(shop: Shop) -> None:
    shortage = {"pointer": "/order_items/0/quantity", "code": "out-of-stock", "available": 1}
    shop.neighbours.reject("inventory.reserve", "out-of-stock", shortage)

    answers = await asyncio.gather(*(shop.buy(key="k1") for _ in range(20)))
    answers.append(await shop.buy(key="k1"))

    assert {answer.status_code for answer in answers} == {409}
    assert len({answer.content for answer in answers}) == 1
    assert shop.neighbours.done.count("inventory.reserve") == 1


async def test_who_does_not_wait_gets_202_and_later_the_ending(shop: Shop) -> None:
    paid = shop.neighbours.hold("payment.authorise")

    at_once = await shop.buy(key="k1", prefer="respond-async")
    waited = await shop.buy(key="k1", prefer="wait=0")
    paid.set()
    ended = await shop.buy(key="k1", prefer="wait=10")

    assert at_once.status_code == waited.status_code == 202
    assert at_once.json()["status"] in ("pending", "placed")
    assert at_once.headers["location"] == ended.headers["location"]
    assert at_once.headers["preference-applied"] == "respond-async"
    assert waited.headers["preference-applied"] == "wait=0"
    assert (ended.status_code, ended.headers["preference-applied"]) == (201, "wait=10")


async def test_what_has_ended_is_answered_and_nothing_was_asynchronous(shop: Shop) -> None:
    bought = await shop.buy(key="k1")
    path = f"/orders/{bought.json()['id']}/cancel"

    again = await shop.buy(key="k1", prefer="respond-async")
    cancelled = await shop.call("POST", path)
    once_more = await shop.call("POST", path, headers={"prefer": "respond-async"})

    assert (again.status_code, again.content) == (201, bought.content)
    assert (cancelled.status_code, once_more.status_code) == (200, 200)
    assert "preference-applied" not in {*again.headers, *once_more.headers}


async def test_who_waits_a_while_before_it_goes_on_without_them_says_both(shop: Shop) -> None:
    bought = await shop.buy(prefer="respond-async, wait=10")
    shop.neighbours.hold("payment.authorise")
    late = await shop.buy(prefer="respond-async, wait=0")

    assert (bought.status_code, bought.headers["preference-applied"]) == (201, "wait=10")
    assert late.status_code == 202
    assert late.headers["preference-applied"] == "respond-async, wait=0"


async def test_twins_who_wait_for_nothing_are_all_accepted(shop: Shop) -> None:
    """The first has not committed when the others come: that takes milliseconds."""
    for prefer in ("wait=0", "respond-async"):
        key = f"k-{prefer}"
        answers = await asyncio.gather(*(shop.buy(key=key, prefer=prefer) for _ in range(8)))

        assert {answer.status_code for answer in answers} <= {201, 202}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len({answer.headers["location"] for answer in answers}) == 1


async def test_a_wait_without_end_is_cut_to_a_minute(shop: Shop) -> None:
    bought = await shop.buy(prefer="wait=9999999999")

    assert (bought.status_code, bought.headers["preference-applied"]) == (201, "wait=60")


async def test_what_was_open_when_the_process_died_ends_well(folder: Path) -> None:
    neighbours = Neighbours()
    neighbours.hold("payment.capture")
    async with open_shop(folder, neighbours) as shop:
        bought = await shop.buy(key="k1", prefer="wait=0")

    async with open_shop(folder) as shop:
        ended = await shop.buy(key="k1", prefer="wait=10")

    assert bought.status_code == 202
    assert ended.status_code == 201
    assert ended.json()["id"] == bought.json()["id"]
