"""Every saga goes on in the trace of the request that began it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bookstore.saga.task import Task
from services.order.tests.shop import Shop, open_shop

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACED = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


@pytest.fixture
async def shop(folder: Path) -> AsyncIterator[Shop]:
    async with open_shop(folder) as opened:
        yield opened


def traces(shop: Shop, *names: str) -> list[str]:
    """Keep the trace of each of these tasks, in the order in which they come."""
    seen: list[str] = []

    def see(task: Task) -> None:
        seen.append(str(task.traceparent)[3:35])

    shop.neighbours.doing.update(dict.fromkeys(names, see))
    return seen


@pytest.mark.parametrize(
    ("asked", "who", "saga", "tasks"),
    [
        ("cancel", "ada", "cancel_order", ["payment.refund", "inventory.release"]),
        ("ship", "staff", "ship_order", ["inventory.ship"]),
    ],
)
async def test_what_is_asked_of_a_confirmed_order_is_one_trace(
    shop: Shop, asked: str, who: str, saga: str, tasks: list[str]
) -> None:
    order_id = (await shop.buy()).json()["id"]
    seen = traces(shop, *tasks)

    await shop.call("POST", f"/orders/{order_id}/{asked}", who, headers=TRACED)
    await shop.saga_came_to(order_id, "completed", name=saga)

    assert seen == [TRACE] * len(tasks)


async def test_what_puts_right_an_abandoned_purchase_is_in_the_trace_of_who_abandoned_it(
    shop: Shop,
) -> None:
    shop.neighbours.reject("payment.capture", "capture-declined")
    order_id = (await shop.buy()).json()["id"]
    (stuck,) = await shop.stuck_sagas()
    seen = traces(shop, "payment.refund", "inventory.release")

    path, why = f"/sagas/{stuck['saga_id']}/abandon", {"reason": "card expired"}
    await shop.call("POST", path, "staff", json=why, headers=TRACED)
    await shop.saga_came_to(order_id, "completed", name="cancel_order")

    assert seen == [TRACE, TRACE]
