"""Purchases that are stuck: staff see them, and retry, abandon or settle them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bookstore.kit.errors import ConflictError, UnavailableError
from services.order.tests.shop import Shop, open_shop


@pytest.fixture
async def shop(folder: Path) -> AsyncIterator[Shop]:
    async with open_shop(folder) as opened:
        yield opened


async def test_a_capture_that_is_refused_is_stuck_until_staff_abandon_it(shop: Shop) -> None:
    shop.neighbours.reject("payment.capture", "capture-declined")
    bought = await shop.buy(key="k1")
    order_id = bought.json()["id"]
    assert (bought.status_code, bought.json()["status"]) == (202, "paid")
    saga = await shop.saga(order_id)
    assert saga["state"] == "stuck"
    stuck = await shop.call("GET", "/sagas", "staff", params={"state": "stuck"})
    (item,) = stuck.json()["items"]
    assert (item["saga_id"], item["order_id"]) == (saga["saga_id"], order_id)
    assert (item["step"], item["error"]) == ("capture_payment", "capture-declined")

    abandoned = await shop.call(
        "POST", f"/sagas/{saga['saga_id']}/abandon", "staff", json={"reason": "card expired"}
    )

    assert abandoned.status_code == 202
    again = await shop.buy(key="k1", prefer="wait=10")
    assert (again.status_code, again.json()["code"]) == (409, "order-cancelled")
    assert shop.neighbours.done[-2:] == ["payment.refund", "inventory.release"]
    assert (await shop.order(order_id))["status"] == "cancelled"
    assert (await shop.saga(order_id, name="cancel_order"))["state"] == "completed"


@pytest.mark.parametrize(
    ("refused", "stuck_at"),
    [
        ({"payment.capture": "capture-declined"}, "capture_payment"),
        ({"payment.authorise": "card-declined", "payment.void": "no"}, "make_payment"),
        ({"inventory.reserve": "gone", "payment.void": "no"}, "make_payment"),
        ({"inventory.reserve": "gone", "inventory.release": "no"}, "reserve_inventory"),
    ],
)
async def test_wherever_a_purchase_is_abandoned_money_and_books_are_let_go(
    shop: Shop, refused: dict[str, str], stuck_at: str
) -> None:
    """Also where an undo was refused: a payment of which nothing is known may be held."""
    for name, code in refused.items():
        shop.neighbours.reject(name, code)
    await shop.buy(key="k1", prefer="respond-async")
    (stuck,) = await shop.stuck_sagas()
    order_id, path = stuck["order_id"], f"/sagas/{stuck['saga_id']}/abandon"
    shop.neighbours.doing.clear()
    shop.neighbours.done.clear()

    await shop.call("POST", path, "staff", json={"reason": "nobody knows"})
    await shop.saga_came_to(order_id, "completed", name="cancel_order")

    assert stuck["step"] == stuck_at
    assert shop.neighbours.done == ["payment.refund", "inventory.release"]
    assert (await shop.order(order_id))["status"] == "cancelled"
    last = (await shop.saga(order_id, name="place_order"))["timeline"][-1]
    assert (last["step"], last["status"]) == (stuck_at, "abandoned")
    assert last["error"].endswith(
        "nobody knows (abandoned as it stood: cancel_order puts it right)"
    )
    told = await shop.buy(key="k1")
    assert (told.status_code, told.json()["code"]) == (409, "order-cancelled")


async def test_a_stuck_purchase_goes_on_when_staff_retry_it(shop: Shop) -> None:
    shop.neighbours.reject("payment.capture", "capture-declined")
    order_id = (await shop.buy(key="k1")).json()["id"]
    saga_id = (await shop.saga(order_id))["saga_id"]
    del shop.neighbours.doing["payment.capture"]

    retried = await shop.call("POST", f"/sagas/{saga_id}/retry", "staff")

    assert retried.status_code == 202
    assert (await shop.buy(key="k1", prefer="wait=10")).status_code == 201
    refused = await shop.call("POST", f"/sagas/{saga_id}/retry", "staff")
    assert (refused.status_code, refused.json()["code"]) == (409, "saga-not-stuck")


async def test_all_that_is_stuck_is_retried_at_once(shop: Shop) -> None:
    shop.neighbours.reject("payment.capture", "capture-declined")
    for key in ("k1", "k2"):
        await shop.buy(key=key)
    del shop.neighbours.doing["payment.capture"]

    retried = await shop.call("POST", "/sagas/retry", "staff")

    assert (retried.status_code, retried.json()) == (202, {"total": 2})
    for key in ("k1", "k2"):
        assert (await shop.buy(key=key, prefer="wait=10")).status_code == 201


async def test_a_refund_that_is_declined_is_settled_outside(shop: Shop) -> None:
    order_id = (await shop.buy()).json()["id"]
    shop.neighbours.reject("payment.refund", "refund-declined")
    cancelled = await shop.call("POST", f"/orders/{order_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelling")
    saga = await shop.saga(order_id)
    assert (saga["name"], saga["state"]) == ("cancel_order", "stuck")

    settled = await shop.call(
        "POST", f"/sagas/{saga['saga_id']}/settle", "staff", json={"reason": "paid in cash"}
    )

    assert settled.status_code == 202
    assert shop.settlements.settled == [order_id]
    ended = await shop.saga_came_to(order_id, "completed")
    statuses = [line["status"] for line in ended["timeline"] if line["step"] == "refund_payment"]
    assert statuses[-1] == "settled"
    mine = (await shop.call("GET", f"/orders/{order_id}/saga")).json()
    assert "paid in cash" in str(ended)
    assert "paid in cash" not in str(mine)
    assert (await shop.order(order_id))["status"] == "cancelled"


async def test_a_refund_that_is_being_tried_again_is_not_settled_outside(shop: Shop) -> None:
    order_id = (await shop.buy()).json()["id"]
    shop.neighbours.reject("payment.refund", "refund-declined")
    await shop.call("POST", f"/orders/{order_id}/cancel")
    path = f"/sagas/{(await shop.saga(order_id))['saga_id']}"
    go_on = shop.neighbours.hold("payment.refund")
    await shop.call("POST", f"{path}/retry", "staff")

    refused = await shop.call("POST", f"{path}/settle", "staff", json={"reason": "paid in cash"})

    assert (refused.status_code, refused.json()["code"]) == (409, "saga-not-stuck")
    assert shop.settlements.settled == []
    go_on.set()
    await shop.saga_came_to(order_id, "completed")


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        (UnavailableError("payment cannot be reached"), 503, "unavailable"),
        (UnavailableError("it may succeed", code="refund-under-way"), 503, "refund-under-way"),
        (
            ConflictError("nothing was taken", code="payment-illegal-move"),
            409,
            "payment-illegal-move",
        ),
    ],
)
async def test_what_payment_does_not_settle_is_not_settled(
    shop: Shop, trouble: Exception, status: int, code: str
) -> None:
    order_id = (await shop.buy()).json()["id"]
    shop.neighbours.reject("payment.refund", "refund-declined")
    await shop.call("POST", f"/orders/{order_id}/cancel")
    path = f"/sagas/{(await shop.saga(order_id))['saga_id']}/settle"
    shop.settlements.trouble = trouble

    refused = await shop.call("POST", path, "staff", json={"reason": "paid in cash"})

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await shop.saga(order_id))["state"] == "stuck"
    shop.settlements.trouble = None
    again = await shop.call("POST", path, "staff", json={"reason": "paid in cash"})
    assert again.status_code == 202
    refused = await shop.call("POST", path, "staff", json={"reason": "paid in cash"})
    assert refused.status_code == 409
    assert shop.settlements.settled == [order_id]
