"""Inventory's saga tasks: each once in effect, in any order, on the fake and on SQLite."""

from typing import Any

import pytest

from bookstore.inventory.application.ports import ReservationSearch, Slice
from bookstore.inventory.domain.reservation import Status
from bookstore.inventory.domain.stock import StockId
from bookstore.inventory.inbound.worker import Desk, tasks
from bookstore.kit.clock import FakeClock
from bookstore.kit.transaction import Transact
from bookstore.saga.task import Handler, Reject, Task
from services.inventory.tests.builders import NOON, a_draft, a_task, an_order, stocking

Tasks = dict[str, Handler]


@pytest.fixture
async def work(transact: Transact[Desk]) -> Tasks:
    """Return the handlers, with five copies of book 1 in two warehouses and one of book 2."""
    for draft in (a_draft(1, 1, 3), a_draft(1, 2, 2), a_draft(2, 1, 1)):
        await transact(stocking(draft))
    return tasks(transact, FakeClock(NOON))


async def figures(transact: Transact[Desk]) -> list[tuple[int, int]]:
    rows = await transact(lambda desk: desk.stocks.locked([StockId(n) for n in (1, 2, 3)]))
    return [(stock.quantity, stock.reserved) for stock in rows]


async def fates(transact: Transact[Desk]) -> list[tuple[int, Status]]:
    search, part = ReservationSearch(order_id=an_order()), Slice(descending=False)
    page = await transact(lambda desk: desk.reservations.search(search, part))
    return [(reservation.quantity, reservation.status) for reservation in page.items]


async def rejection(handler: Handler, task: Task) -> Reject:
    with pytest.raises(Reject) as caught:
        await handler(task)
    return caught.value


async def test_an_order_is_reserved_from_several_warehouses_once(
    transact: Transact[Desk], work: Tasks
) -> None:
    task = a_task("reserve_inventory", b1=4, b2=1)

    assert await work["inventory.reserve"](task) == {}
    assert await work["inventory.reserve"](task) == {}

    assert await figures(transact) == [(3, 3), (2, 1), (1, 1)]
    assert await fates(transact) == [(3, Status.HELD), (1, Status.HELD), (1, Status.HELD)]


async def test_an_order_that_cannot_be_filled_reserves_nothing_and_says_what_there_is(
    transact: Transact[Desk], work: Tasks
) -> None:
    task = a_task("reserve_inventory", b1=6, b2=1, b9=1)

    first = await rejection(work["inventory.reserve"], task)
    again = await rejection(work["inventory.reserve"], task)

    assert await figures(transact) == [(3, 0), (2, 0), (1, 0)]
    for said in (first, again):
        assert said.code == "out-of-stock"
        assert [dict(field) for field in said.fields] == [
            {
                "pointer": "/order_items/0/quantity",
                "code": "out-of-stock",
                "message": "of book 1, 5 are left, not 6",
                "available": 5,
            },
            {
                "pointer": "/order_items/2/quantity",
                "code": "out-of-stock",
                "message": "book 9 is sold out",
                "available": 0,
            },
        ]


async def test_an_undo_releases_what_was_reserved_once(
    transact: Transact[Desk], work: Tasks
) -> None:
    await work["inventory.reserve"](a_task("reserve_inventory", b1=4))
    undo = a_task("reserve_inventory", "undo", b1=4)

    for _ in range(2):
        assert await work["inventory.release"](undo) == {}

    assert await figures(transact) == [(3, 0), (2, 0), (1, 0)]
    assert await fates(transact) == [(3, Status.RELEASED), (1, Status.RELEASED)]


async def test_a_reservation_that_comes_after_its_undo_is_refused(
    transact: Transact[Desk], work: Tasks
) -> None:
    await work["inventory.release"](a_task("reserve_inventory", "undo", b1=1))

    late = await rejection(work["inventory.reserve"], a_task("reserve_inventory", b1=1))

    assert late.code == "undone"
    assert await figures(transact) == [(3, 0), (2, 0), (1, 0)]


async def test_a_second_workflow_of_the_saga_changes_nothing(
    transact: Transact[Desk], work: Tasks
) -> None:
    await work["inventory.reserve"](a_task("reserve_inventory", workflow="first", b1=1))
    twin = a_task("reserve_inventory", workflow="second", b1=1)

    assert (await rejection(work["inventory.reserve"], twin)).code == "superseded"
    await work["inventory.release"](a_task("reserve_inventory", "undo", workflow="second", b1=1))

    assert await figures(transact) == [(3, 1), (2, 0), (1, 0)]


async def test_shipping_takes_the_copies_away_and_cancelling_then_finds_nothing(
    transact: Transact[Desk], work: Tasks
) -> None:
    await work["inventory.reserve"](a_task("reserve_inventory", b1=4))

    await work["inventory.ship"](a_task("ship"))
    await work["inventory.release"](a_task("release"))

    assert await figures(transact) == [(0, 0), (1, 0), (1, 0)]
    assert await fates(transact) == [(3, Status.SHIPPED), (1, Status.SHIPPED)]


@pytest.mark.parametrize("last", ["ship", "release"])
async def test_what_is_asked_again_after_its_answer_was_forgotten_is_not_done_twice(
    transact: Transact[Desk], work: Tasks, last: str
) -> None:
    await work["inventory.reserve"](a_task("reserve_inventory", b1=4))
    await work[f"inventory.{last}"](a_task(last))
    after = await figures(transact)
    assert await transact(lambda desk: desk.inbox.forget("~", 10)) == 2

    await work[f"inventory.{last}"](a_task(last))
    await work["inventory.release"](a_task("reserve_inventory", "undo", b1=4))

    assert await figures(transact) == after


async def test_one_orders_copies_are_not_anothers(transact: Transact[Desk], work: Tasks) -> None:
    await work["inventory.reserve"](a_task("reserve_inventory", order=1, b1=1))
    await work["inventory.reserve"](a_task("reserve_inventory", order=2, b1=1))

    await work["inventory.release"](a_task("release", order=2))

    assert await figures(transact) == [(3, 1), (2, 0), (1, 0)]


@pytest.mark.parametrize(
    "input_",
    [
        {},
        {"order_id": "one", "lines": [{"book_id": 1, "quantity": 1}]},
        {"order_id": str(an_order()), "lines": []},
        {"order_id": str(an_order()), "lines": [{"book_id": 1, "quantity": 0}]},
    ],
)
async def test_what_cannot_be_decoded_is_a_rejection(
    transact: Transact[Desk], work: Tasks, input_: dict[str, Any]
) -> None:
    task = Task(saga_id="s", step="reserve_inventory", input=input_)

    assert (await rejection(work["inventory.reserve"], task)).code == "malformed-task"
    assert await figures(transact) == [(3, 0), (2, 0), (1, 0)]
