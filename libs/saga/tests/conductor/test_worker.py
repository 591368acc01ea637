"""What a worker makes of trouble: a full disk, a task without sense, a server that is away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bookstore.kit.clock import SystemClock
from bookstore.kit.errors import BookstoreError, StorageFullError
from bookstore.saga.conductor.client import Conductor, ConductorUnavailableError
from bookstore.saga.conductor.compile import compiled
from bookstore.saga.conductor.worker import GRACE_S, Worker
from bookstore.saga.conductor.working import conductor_at
from bookstore.saga.spec import NOTHING, Retry, Saga, Step
from bookstore.saga.task import Output, Task
from libs.saga.tests.conductor.fake import FakeConductor

ONE = Saga(
    "one",
    1,
    (Step("only", do="x.do", undo=NOTHING, pivot=True, retry=Retry(attempts=1)),),
)


@asynccontextmanager
async def working(
    server: FakeConductor, do: Callable[[Task], Awaitable[Output]], grace_s: float = GRACE_S
) -> AsyncIterator[Conductor]:
    async with server.client() as http:
        conductor = Conductor(http)
        await conductor.register([compiled(ONE)])
        worker = Worker(
            *(conductor, {"x.do": do}, SystemClock()),
            name="w",
            at_once=1,
            rest_s=0.01,
            grace_s=grace_s,
        )
        running = asyncio.create_task(worker.run())
        yield conductor
        worker.stop()
        await running


async def started(conductor: Conductor) -> str:
    return await conductor.start("one", 1, "s1", data={}, traceparent=None)


async def ended(server: FakeConductor, workflow_id: str) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while server.flows[workflow_id]["status"] == "RUNNING":  # noqa: ASYNC110 — nobody is told
            await asyncio.sleep(0.005)
    return server.flows[workflow_id]


async def test_a_full_disk_is_waited_out_without_an_attempt() -> None:
    full = [True, True]
    server = FakeConductor(second=0.01)

    async def do(_task: Task) -> Output:
        if full:
            full.pop()
            raise StorageFullError("the disk is full")
        return {"done": True}

    async with working(server, do) as conductor:
        flow = await ended(server, await started(conductor))

    assert flow["status"] == "COMPLETED"
    assert len([task for task in flow["tasks"] if task["taskType"] == "x.do"]) == 1


async def test_a_task_that_cannot_be_decoded_is_rejected_and_never_a_loop() -> None:
    server = FakeConductor(second=0.01)

    async def do(_task: Task) -> Output:
        raise AssertionError("it was not to be called")

    async with working(server, do) as conductor:
        del server.definitions["one", 1]["tasks"][0]["inputParameters"]["step"]
        flow = await ended(server, await started(conductor))

    assert flow["status"] == "FAILED"
    assert flow["tasks"][0]["outputData"]["failure"]["code"] == "malformed-task"


async def test_no_more_is_taken_than_there_are_hands() -> None:
    server, busy, most = FakeConductor(), 0, 0

    async def do(_task: Task) -> Output:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.01)
        busy -= 1
        return {}

    async with working(server, do) as conductor:
        for flow in [await started(conductor) for _ in range(3)]:
            assert (await ended(server, flow))["status"] == "COMPLETED"
    assert most == 1


async def test_what_was_taken_is_finished_when_the_worker_is_stopped() -> None:
    server, begun, finish = FakeConductor(), asyncio.Event(), asyncio.Event()

    async def do(_task: Task) -> Output:
        begun.set()
        await finish.wait()
        return {}

    async with working(server, do) as conductor:
        first = await started(conductor)
        await begun.wait()
        second = await started(conductor)
        asyncio.get_running_loop().call_later(0.02, finish.set)

    assert server.flows[first]["status"] == "COMPLETED"
    assert server.flows[second]["tasks"][0]["status"] == "SCHEDULED"


async def nothing(_task: Task) -> Output:
    return {}


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """A server that accepts whoever comes, and says nothing."""
    over = asyncio.Event()

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        over.set()


async def test_a_server_that_never_answers_keeps_no_worker_from_ending() -> None:
    async with silent() as url, conductor_at(url) as conductor:
        worker = Worker(conductor, {"x.do": nothing}, SystemClock(), name="w", grace_s=0.1)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.05)
        worker.stop()
        async with asyncio.timeout(2):
            await running


async def test_an_answer_that_nobody_hears_keeps_no_worker_from_ending() -> None:
    server, begun = FakeConductor(), asyncio.Event()

    async def do(_task: Task) -> Output:
        server.away = True
        begun.set()
        return {}

    async with asyncio.timeout(2), working(server, do, grace_s=0.1) as conductor:
        first = await started(conductor)
        await begun.wait()

    assert server.flows[first]["tasks"][0]["status"] == "IN_PROGRESS"


async def test_a_task_is_held_while_it_takes_longer_than_the_server_waits_for_a_word() -> None:
    server = FakeConductor(second=0.03)

    async def do(task: Task) -> Output:
        for _ in range(10):
            await asyncio.sleep(0.05)
            await conductor.decide(task.workflow_id)
        return {}

    async with working(server, do) as conductor:
        flow = await ended(server, await started(conductor))

    assert flow["status"] == "COMPLETED"
    assert len(flow["tasks"]) == 1
    assert server.holds > 2


async def test_a_task_that_cannot_be_held_is_done_all_the_same() -> None:
    server = FakeConductor(second=0.01)

    async def do(_task: Task) -> Output:
        server.refused, server.refusal = 1, 503
        await asyncio.sleep(0.05)
        return {}

    async with working(server, do) as conductor:
        assert (await ended(server, await started(conductor)))["status"] == "COMPLETED"
    assert server.refused == 0


async def test_an_answer_that_the_server_will_not_have_does_not_end_the_worker() -> None:
    server = FakeConductor(second=0.01)
    seen: list[str] = []

    async def do(task: Task) -> Output:
        if not seen:
            server.refused = 1
        seen.append(task.saga_id)
        return {}

    async with working(server, do) as conductor:
        await started(conductor)
        second = await started(conductor)
        assert (await ended(server, second))["status"] == "COMPLETED"
    assert len(seen) == 2


async def test_a_server_says_that_it_is_away_or_that_we_asked_wrongly() -> None:
    server = FakeConductor()
    async with server.client() as http:
        conductor = Conductor(http)
        server.refused = 1
        with pytest.raises(BookstoreError, match="answers 400"):
            await conductor.register([])
        server.refused, server.refusal = 1, 503
        with pytest.raises(ConductorUnavailableError):
            await conductor.register([])
        await conductor.register([compiled(ONE)])
        workflow_id = await started(conductor)
        await conductor.terminate(workflow_id, "no more")
        await conductor.terminate(workflow_id, "no more")
        assert server.flows[workflow_id]["status"] == "TERMINATED"
        assert await conductor.look("nothing") is None
