"""Sagas on a real Conductor: the compiled workflows, the client and the worker."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from tools.servers.conductor import ConductorServer

from bookstore.kit.clock import SystemClock
from bookstore.order.saga import CANCEL_ORDER, PLACE_ORDER, SHIP_ORDER
from bookstore.saga.conductor.client import Conductor, ConductorUnavailableError
from bookstore.saga.conductor.compile import compiled
from bookstore.saga.conductor.worker import Worker
from bookstore.saga.spec import NOTHING, Retry, Saga, Step
from bookstore.saga.task import Output, Reject, Task

STEPS = [step.name for step in PLACE_ORDER.steps]
ORDER = {
    "order_id": "o1",
    "user_id": "u1",
    "amount": 3999,
    "currency": "USD",
    "token": "tok_visa",
    "lines": [{"book_id": 7, "quantity": 1}],
}


@pytest.fixture
async def conductor(conductor_server: ConductorServer) -> AsyncIterator[Conductor]:
    async with httpx.AsyncClient(base_url=conductor_server.api) as http:
        conductor = Conductor(http)
        await conductor.register([compiled(s) for s in (PLACE_ORDER, CANCEL_ORDER, SHIP_ORDER)])
        yield conductor


@dataclass
class Shop:
    """All participants: does what it is asked, or what a test has in mind."""

    script: dict[str, list[Exception]] = field(default_factory=dict)
    seen: list[Task] = field(default_factory=list)

    async def handle(self, task: Task) -> Output:
        self.seen.append(task)
        waiting = self.script.get(f"{task.step}:{task.kind}")
        if waiting:
            raise waiting.pop(0)
        return {"payment_id": "p1"}

    def of(self, saga_id: str) -> list[tuple[str, str]]:
        return [(task.step, task.kind) for task in self.seen if task.saga_id == saga_id]


@asynccontextmanager
async def working(conductor: Conductor, shop: Shop) -> AsyncIterator[None]:
    kinds = PLACE_ORDER.tasks | CANCEL_ORDER.tasks | SHIP_ORDER.tasks
    handlers = dict.fromkeys(kinds, shop.handle)
    worker = Worker(conductor, handlers, SystemClock(), name=f"test-{os.getpid()}")
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await running


async def ended(conductor: Conductor, workflow_id: str) -> dict[str, Any]:
    async with asyncio.timeout(90):
        while True:
            flow = await conductor.look(workflow_id)
            assert flow is not None
            if flow["status"] != "RUNNING":
                return flow
            await asyncio.sleep(0.1)


async def placed(conductor: Conductor, saga_id: str) -> str:
    return await conductor.start("place_order", 1, saga_id, data=ORDER, traceparent=None)


async def test_a_purchase_goes_through_every_step_once(conductor: Conductor) -> None:
    shop = Shop()
    async with working(conductor, shop):
        flow = await ended(conductor, await placed(conductor, "through"))

    assert (flow["status"], flow["output"]) == ("COMPLETED", {"outcome": "COMPLETED"})
    assert shop.of("through") == [(step, "do") for step in STEPS]
    authorise = shop.seen[1]
    assert authorise.input == {k: ORDER[k] for k in authorise.input}
    assert (authorise.key, authorise.attempt) == ("through:make_payment", 1)
    assert authorise.workflow_id == flow["workflowId"]


@pytest.mark.parametrize("failed", STEPS[:4])
async def test_a_rejection_up_to_the_pivot_is_undone_in_reverse(
    conductor: Conductor, failed: str
) -> None:
    saga_id = f"rejected-at-{failed}"
    fields = ({"pointer": "/order_items/0", "available": 0},)
    shop = Shop({f"{failed}:do": [Reject("no", "not today", fields)]})
    async with working(conductor, shop):
        flow = await ended(conductor, await placed(conductor, saga_id))

    assert (flow["status"], flow["output"]["outcome"]) == ("COMPLETED", "COMPENSATED")
    done = STEPS[: STEPS.index(failed) + 1]
    assert shop.of(saga_id) == [
        *((step, "do") for step in done),
        *((step, "undo") for step in reversed(done)),
    ]
    for task in shop.seen[len(done) :]:
        told = {name: task.input[name] for name in ("failed_step", "code", "reason", "fields")}
        assert told == {
            "failed_step": failed,
            "code": "no",
            "reason": "not today",
            "fields": fields,
        }


async def test_trouble_is_tried_again_under_the_same_key(conductor: Conductor) -> None:
    shop = Shop({"change_order_status:do": [OSError("away"), OSError("away")]})
    async with working(conductor, shop):
        flow = await ended(conductor, await placed(conductor, "troubled"))

    assert flow["output"] == {"outcome": "COMPLETED"}
    tries = [task for task in shop.seen if task.step == "change_order_status"]
    assert [task.attempt for task in tries] == [1, 2, 3]
    assert len({task.key for task in tries}) == 1


async def test_what_is_refused_after_the_pivot_is_stuck_until_it_is_retried(
    conductor: Conductor,
) -> None:
    shop = Shop({"capture_payment:do": [Reject("capture-declined", "expired")]})
    async with working(conductor, shop):
        workflow_id = await placed(conductor, "stuck")
        assert (await ended(conductor, workflow_id))["status"] == "FAILED"
        assert ("make_payment", "undo") not in shop.of("stuck")

        await conductor.retry(workflow_id)
        assert (await ended(conductor, workflow_id))["output"] == {"outcome": "COMPLETED"}

    assert shop.of("stuck")[-3:] == [("capture_payment", "do")] * 2 + [("confirm_order", "do")]


async def test_a_task_is_held_for_longer_than_the_server_waits_for_a_word(
    conductor: Conductor,
) -> None:
    step = Step(
        "only", do="slow.do", undo=NOTHING, pivot=True, timeout=60, retry=Retry(attempts=1)
    )
    workflow = compiled(Saga("slow", 1, (step,)))
    waits_for = workflow["tasks"][0]["taskDefinition"]["responseTimeoutSeconds"]
    seen: list[Task] = []

    async def do(task: Task) -> Output:
        seen.append(task)
        for _ in range(waits_for + 4):
            await asyncio.sleep(1)
            await conductor.decide(task.workflow_id)
        return {}

    await conductor.register([workflow])
    worker = Worker(conductor, {"slow.do": do}, SystemClock(), name="slow")
    running = asyncio.create_task(worker.run())
    flow = await ended(
        conductor, await conductor.start("slow", 1, "slow", data={}, traceparent=None)
    )
    worker.stop()
    await running

    assert flow["status"] == "COMPLETED"
    assert len(seen) == 1


async def test_what_waits_for_workers_is_counted(conductor: Conductor) -> None:
    workflow_id = await placed(conductor, "waiting")
    async with asyncio.timeout(30):
        while (await conductor.queued(["order.place"]))["order.place"] != 1:  # noqa: ASYNC110 — nobody is told
            await asyncio.sleep(0.1)

    assert (await conductor.queued(["order.confirm"])) == {"order.confirm": 0}
    await conductor.terminate(workflow_id, "the test is over")


async def test_a_workflow_is_found_by_its_saga(conductor: Conductor) -> None:
    first = await placed(conductor, "twice")
    second = await placed(conductor, "twice")
    await conductor.terminate(second, "superseded")
    await conductor.terminate(second, "superseded")
    await conductor.decide(first)

    assert await conductor.started("place_order", "twice") == [first, second]
    assert await conductor.started("place_order", "never") == []
    assert await conductor.look("00000000-0000-0000-0000-000000000000") is None
    await conductor.terminate(first, "the test is over")


async def test_a_server_that_is_away_is_an_error_of_its_own() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1/api") as http:
        with pytest.raises(ConductorUnavailableError):
            await Conductor(http).started("place_order", "s1")
