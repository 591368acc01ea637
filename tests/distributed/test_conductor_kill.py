"""kill -9 of the real server and of a worker, with our own sagas at every transition."""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest
from tools.servers.conductor import ConductorServer

from bookstore.kit.clock import SystemClock
from bookstore.kit.database import open_database
from bookstore.order.saga import CANCEL_ORDER, PLACE_ORDER, SHIP_ORDER
from bookstore.saga.conductor.client import Conductor
from bookstore.saga.conductor.engine import ConductorEngine, Pace
from bookstore.saga.conductor.worker import Worker
from bookstore.saga.ports import SagaRequest, State
from bookstore.saga.registry import Sagas
from bookstore.saga.spec import NOTHING, Saga, Step
from bookstore.saga.store import SqlSagas
from bookstore.saga.task import Kind, Output, Task
from libs.saga.tests.conformance.embedded import HERE
from libs.saga.tests.conformance.on_conductor import Deaf, OnConductor, on_conductor, open_hall
from libs.saga.tests.conformance.shop import Fault

SAGAS: Final = (PLACE_ORDER, CANCEL_ORDER, SHIP_ORDER)
PACE: Final = Pace(round=2.0)
PARKED_S: Final = 300.0  # longer than it takes to park all, and to start the server again
COMES_BACK_WITHIN_S: Final = 60.0  # 16 with an idle machine: its timeout and 5 s


@dataclass(frozen=True)
class Stop:
    """A transition: a step of a saga about to be done or undone, or done and not answered yet."""

    saga: Saga
    step: Step
    kind: Kind
    fault: Fault

    @property
    def name(self) -> str:
        return f"{self.saga.name}-{self.step.name}-{self.kind}-{self.fault.name}".lower()

    def prepare(self, driver: OnConductor) -> None:
        """Have the shop park there; on the way back, since the pivot is refused."""
        if self.kind == "undo":
            driver.shop.script[self.pivot.name, "do"] = [Fault.REJECT]
        driver.shop.script[self.step.name, self.kind] = [self.fault]

    @property
    def pivot(self) -> Step:
        return self.saga.steps[self.saga.pivot]

    @property
    def ends(self) -> list[tuple[State, list[tuple[str, Kind]]]]:
        """How it may end, with which effects: a step that is tried once may turn it round."""
        steps = self.saga.steps
        if self.kind == "undo":
            return [(State.COMPENSATED, there_and_back(steps[: self.saga.pivot]))]
        whole: list[tuple[str, Kind]] = [(step.name, "do") for step in steps]
        index = steps.index(self.step)
        if index > self.saga.pivot or self.saga.retry(index).attempts != 1:
            return [(State.COMPLETED, whole)]
        turned = [(State.COMPENSATED, there_and_back(steps[:last])) for last in (index, index + 1)]
        return [(State.COMPLETED, whole), *turned]


def there_and_back(steps: tuple[Step, ...]) -> list[tuple[str, Kind]]:
    there: list[tuple[str, Kind]] = [(step.name, "do") for step in steps]
    return there + [(step.name, "undo") for step in reversed(steps)]


STOPS: Final = [
    Stop(saga, step, kind, fault)
    for saga in SAGAS
    for step in saga.steps
    for kind in ("do", "undo")
    for fault in (Fault.PARK, Fault.PARK_AFTER)
    if kind == "do" or step.can_be_undone
]


async def test_a_server_killed_at_any_transition_loses_no_saga_and_doubles_nothing(
    conductor_server: ConductorServer,
) -> None:
    """One saga is parked at each; one more of each kind is somewhere on its way."""
    async with (
        AsyncExitStack() as stack,
        httpx.AsyncClient(base_url=conductor_server.api) as http,
        open_hall(Deaf(http), pace=PACE, task_s=PARKED_S, patience_s=300, known=SAGAS) as hall,
    ):

        async def opened(case: str) -> OnConductor:
            return await stack.enter_async_context(on_conductor(hall, case, SAGAS))

        parked = [(stop, await opened(stop.name)) for stop in STOPS]
        for stop, driver in parked:
            stop.prepare(driver)
            await driver.start("s1", stop.saga.name)
        async with asyncio.timeout(PARKED_S):
            await asyncio.gather(*(driver.shop.parked.wait() for _, driver in parked))
        on_its_way = [(saga, await opened(f"{saga.name}-on-its-way")) for saga in SAGAS]
        for saga, driver in on_its_way:
            await driver.start("s1", saga.name)

        await asyncio.to_thread(conductor_server.kill)
        for _, driver in parked:
            driver.shop.released.set()
        await asyncio.to_thread(conductor_server.start)

        for stop, driver in parked:
            end = await driver.end("s1"), await driver.shop.order_of_effects("s1")
            assert end in stop.ends, stop.name
        for saga, driver in on_its_way:
            if await driver.end("s1") == State.COMPLETED:
                wanted = [(step.name, "do") for step in saga.steps]
                assert await driver.shop.order_of_effects("s1") == wanted
            effects = await driver.shop.effects("s1")
            assert set(effects.values()) <= {1}, saga.name


@pytest.mark.parametrize("task_s", [5.0, 60.0], ids=["short", "long"])
async def test_the_task_of_a_killed_worker_comes_back(
    conductor_server: ConductorServer,
    tmp_path: Path,
    task_s: float,
) -> None:
    """However long it may take: it is held by whoever is alive. The figure is printed."""
    name = f"lone_{task_s:g}"
    lone = Saga(
        name, 1, (Step("only", do=f"{name}.do", undo=NOTHING, pivot=True, timeout=task_s),)
    )
    came: Counter[str] = Counter()

    async def do(task: Task) -> Output:
        came[task.key] += 1
        return {}

    async with httpx.AsyncClient(base_url=conductor_server.api) as http:
        conductor, sagas = Conductor(http), Sagas(lone)
        with open_database(f"sqlite:///{tmp_path}/sagas.db", HERE / "conductor_migrations") as db:
            ask = db.transact(lambda session: SqlSagas(session, sagas))
            engine = ConductorEngine(db, sagas, conductor, name=name, pace=Pace(round=0.5))
            running = asyncio.create_task(engine.run())
            request = SagaRequest(name=name, saga_id=name, subject="s", input={})
            await ask(lambda sagas: sagas.request(request))
            engine.wake(name)
            dies = [sys.executable, "-m", "tests.harness.dying_worker", conductor_server.api]
            ended = await asyncio.to_thread(subprocess.run, [*dies, f"{name}.do"], timeout=60)
            assert ended.returncode == -9
            killed = time.monotonic()

            worker = Worker(conductor, {f"{name}.do": do}, SystemClock(), name=f"w{os.getpid()}")
            working = asyncio.create_task(worker.run())
            async with asyncio.timeout(COMES_BACK_WITHIN_S):
                assert await engine.ended(name) == State.COMPLETED
            sys.stdout.write(
                f"\na killed worker's task of {task_s:g} s was done elsewhere "
                f"after {time.monotonic() - killed:.1f} s\n"
            )
            worker.stop()
            await working
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    assert set(came.values()) == {1}
