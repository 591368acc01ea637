"""Our steps of the sagas, one by one: what is asked twice, too late or wrongly."""

from typing import Any

import pytest

from bookstore.kit.clock import FakeClock
from bookstore.kit.transaction import Transact
from bookstore.order.application.advance_order import AdvanceOrder
from bookstore.order.application.ports import OrderStore
from bookstore.order.domain.order import Order, Status
from bookstore.order.inbound.worker import tasks
from bookstore.saga.task import Handler, Reject, Task
from services.order.tests.builders import NOW, a_purchase, an_order_that_is


@pytest.fixture
def handlers(transact: Transact[OrderStore], clock: FakeClock) -> Any:
    return tasks(transact, AdvanceOrder(clock))


async def given(transact: Transact[OrderStore], status: Status) -> Order:
    order = an_order_that_is(status, serial=1)

    def keep(store: OrderStore) -> None:
        store.orders.add(order)
        store.purchases.add(a_purchase(order))

    await transact(keep)
    return order


def a_task(order: Order, step: str, kind: Any = "do", **told: Any) -> Task:
    given = {"order_id": str(order.id), **told}
    return Task(saga_id=str(order.id), step=step, kind=kind, input=given, workflow_id="w1")


async def now(transact: Transact[OrderStore], order: Order) -> tuple[Status, str | None]:
    kept = await transact(lambda store: store.orders.get(order.id))
    return kept.status, kept.reason


async def rejection(handler: Handler, task: Task) -> str:
    with pytest.raises(Reject) as rejected:
        await handler(task)
    return rejected.value.code


async def test_a_step_that_is_asked_twice_is_done_once(
    transact: Transact[OrderStore], handlers: Any
) -> None:
    order = await given(transact, Status.PENDING)
    task = a_task(order, "place_order")

    assert await handlers["order.place"](task) == await handlers["order.place"](task)

    assert (await transact(lambda store: store.orders.get(order.id))).version == 2


async def test_a_step_that_comes_after_its_undo_is_rejected(
    transact: Transact[OrderStore], handlers: Any
) -> None:
    order = await given(transact, Status.PENDING)
    undo = a_task(order, "place_order", "undo", failed_step="place_order", code="unknown")

    await handlers["order.cancel"](undo)

    assert await rejection(handlers["order.place"], a_task(order, "place_order")) == "undone"
    assert await now(transact, order) == (Status.CANCELLED, "order-cancelled")


async def test_a_second_workflow_of_the_saga_is_superseded_and_undoes_nothing(
    transact: Transact[OrderStore], handlers: Any
) -> None:
    order = await given(transact, Status.PENDING)
    await handlers["order.place"](a_task(order, "place_order"))
    told = {"order_id": str(order.id)}
    second = Task(
        saga_id=str(order.id), step="place_order", kind="do", input=told, workflow_id="w2"
    )

    assert await rejection(handlers["order.place"], second) == "superseded"
    undo = Task(
        saga_id=str(order.id), step="place_order", kind="undo", input=told, workflow_id="w2"
    )
    await handlers["order.cancel"](undo)

    assert await now(transact, order) == (Status.PLACED, None)


async def test_an_illegal_move_is_rejected(transact: Transact[OrderStore], handlers: Any) -> None:
    order = await given(transact, Status.PENDING)

    task = a_task(order, "confirm_order")

    assert await rejection(handlers["order.confirm"], task) == "illegal-move"


async def test_what_cannot_be_decoded_is_rejected(
    transact: Transact[OrderStore], handlers: Any
) -> None:
    order = await given(transact, Status.PENDING)
    task = Task(saga_id="s", step="place_order", input={"order_id": "first"}, workflow_id="w1")

    assert await rejection(handlers["order.place"], task) == "malformed-task"
    assert await now(transact, order) == (Status.PENDING, None)


async def test_undoing_the_payment_mark_acts_on_what_it_finds(
    transact: Transact[OrderStore], handlers: Any
) -> None:
    order = await given(transact, Status.PAID)
    why = {"failed_step": "reserve_inventory", "code": "out-of-stock", "fields": []}

    await handlers["order.unmark_paid"](a_task(order, "change_order_status", "undo", **why))
    assert await now(transact, order) == (Status.CANCELLING, "out-of-stock")

    await handlers["order.cancel"](a_task(order, "place_order", "undo", **why))
    assert await now(transact, order) == (Status.CANCELLED, "out-of-stock")


async def test_a_mark_that_was_never_made_is_not_undone(
    transact: Transact[OrderStore], handlers: Any
) -> None:
    order = await given(transact, Status.PLACED)

    await handlers["order.unmark_paid"](a_task(order, "change_order_status", "undo"))

    assert await now(transact, order) == (Status.PLACED, None)


@pytest.mark.parametrize(
    ("status", "then"),
    [
        (Status.PENDING, Status.PENDING),
        (Status.PLACED, Status.PLACED),
        (Status.PAID, Status.CANCELLING),
        (Status.CONFIRMED, Status.CANCELLING),
        (Status.CANCELLING, Status.CANCELLING),
        (Status.CANCELLED, Status.CANCELLED),
    ],
)
async def test_a_cancellation_begins_wherever_a_purchase_was_left(
    transact: Transact[OrderStore], handlers: Any, status: Status, then: Status
) -> None:
    order = await given(transact, status)

    await handlers["order.begin_cancel"](a_task(order, "begin_cancellation"))
    assert (await now(transact, order))[0] is then

    await handlers["order.finish_cancel"](a_task(order, "finish_cancellation"))
    assert (await now(transact, order))[0] is Status.CANCELLED


@pytest.mark.parametrize("status", [Status.SHIPPING, Status.COMPLETED])
async def test_what_is_on_its_way_is_not_cancelled(
    transact: Transact[OrderStore], handlers: Any, status: Status
) -> None:
    order = await given(transact, status)

    task = a_task(order, "begin_cancellation")

    assert await rejection(handlers["order.begin_cancel"], task) == "too-late"


async def test_a_shipment_begins_with_a_confirmed_order_or_one_on_its_way(
    transact: Transact[OrderStore], handlers: Any
) -> None:
    order = await given(transact, Status.CONFIRMED)

    await handlers["order.begin_ship"](a_task(order, "begin_shipment"))
    assert (await now(transact, order))[0] is Status.SHIPPING

    again = Task(saga_id="another", step="begin_shipment", input={"order_id": str(order.id)})
    await handlers["order.begin_ship"](again)
    assert (await now(transact, order))[0] is Status.SHIPPING


async def test_an_order_that_was_cancelled_already_stays_as_it_is(
    transact: Transact[OrderStore], handlers: Any
) -> None:
    order = await given(transact, Status.CANCELLED)

    await handlers["order.cancel"](a_task(order, "place_order", "undo"))
    await handlers["order.finish_cancel"](a_task(order, "finish_cancellation"))

    kept = await transact(lambda store: store.orders.get(order.id))
    assert (kept.version, kept.updated_at) == (order.version, NOW)
