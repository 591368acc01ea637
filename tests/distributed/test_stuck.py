"""A purchase whose undo fails for good, until staff retry it: through all the processes.

That ours go on for a day before they are stuck is not waited for: a handler that rejects an undo,
as none should, comes to the same at once. (The conformance suite has undos that run out.)
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from tests.harness.distributed import Distributed
from tests.harness.people import Buyer, Staff
from tests.harness.shopping import until_over
from tools.servers.conductor import ConductorServer

from bookstore.kit.clock import SystemClock
from bookstore.saga.conductor.client import Conductor
from bookstore.saga.conductor.worker import Worker
from bookstore.saga.task import Output, Reject, Task


async def granted(_task: Task) -> Output:
    return {}


async def broken(_task: Task) -> Output:
    raise Reject("no-such-task", "what should never have been deployed")


@asynccontextmanager
async def a_broken_payment(store: Distributed, conductor: Conductor) -> AsyncIterator[None]:
    """Have payment's tasks done by somebody who authorises everything and can void nothing."""
    workers = [p for p in store.plan.parts if (p.service, p.what) == ("payment", "work")]
    handlers = {"payment.authorise": granted, "payment.void": broken}
    worker = Worker(conductor, handlers, SystemClock(), name="broken")
    for part in workers:
        store.kill(part)
    working = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await working
        for part in workers:
            store.start(part)
        await asyncio.to_thread(store.fleet.await_ready, *workers)


async def test_an_undo_that_fails_for_good_waits_for_staff_who_retry_it(
    store: Distributed, conductor_server: ConductorServer, buyer: Buyer, staff: Staff
) -> None:
    book = await staff.shelve(1)
    async with httpx.AsyncClient(base_url=conductor_server.api) as http:
        async with a_broken_payment(store, Conductor(http)):
            bought = await buyer.buy((book, 2), prefer="respond-async")
            assert bought.status_code == 202, bought.text
            where = bought.headers["location"]
            stuck = await until(staff, f"{where}/saga", "stuck")
            listed = await asyncio.to_thread(store.run, "sagas", "list", "--state", "stuck")
        saga_id = stuck["saga_id"]
        assert saga_id in listed.stdout, listed.stderr
        undone = [line for line in stuck["timeline"] if line["step"] == "make_payment"]
        assert [line["status"] for line in undone] == ["done", "rejected"]

        retried = await asyncio.to_thread(store.run, "sagas", "retry", saga_id)

        assert retried.returncode == 0, retried.stderr
        order = await until_over(buyer, where)
        assert (order["status"], order["reason"]) == ("cancelled", "out-of-stock")
        saga = await until(staff, f"{where}/saga", "compensated")
        steps = [line["status"] for line in saga["timeline"] if line["kind"] == "undo"]
        assert steps[-3:] == ["retried", "done", "done"]
        assert await staff.figures(book) == (1, 0)


async def until(staff: Staff, path: str, state: str) -> dict[str, Any]:
    """Wait until a saga has come to a state."""
    async with asyncio.timeout(120):
        while True:
            saga: dict[str, Any] = (await staff.http.get(path)).json()
            if saga["state"] == state:
                return saga
            await asyncio.sleep(0.2)
