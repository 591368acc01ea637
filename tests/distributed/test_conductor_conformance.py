"""The saga conformance suite on a real Conductor: every case, side by side on one server.

What the embedded engine's own writes are to it, the server's steps are here: it is killed once
with a saga parked in the middle of every task, and a worker is killed with a task in its hands.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from tools.servers.conductor import ConductorServer

from bookstore.kit.clock import SystemClock
from bookstore.kit.database import open_database
from bookstore.saga.conductor.client import Conductor
from bookstore.saga.conductor.engine import ConductorEngine, Pace
from bookstore.saga.conductor.worker import Worker
from bookstore.saga.ports import SagaRequest, State
from bookstore.saga.registry import Sagas
from bookstore.saga.spec import NOTHING, Saga, Step
from bookstore.saga.store import SqlSagas
from bookstore.saga.task import Kind, Output, Task
from libs.saga.tests import test_conformance
from libs.saga.tests.conformance.cases import Case, cases
from libs.saga.tests.conformance.embedded import HERE
from libs.saga.tests.conformance.on_conductor import (
    Deaf,
    Hall,
    OnConductor,
    on_conductor,
    open_hall,
)
from libs.saga.tests.conformance.sagas import BEFORE
from libs.saga.tests.conformance.shop import Fault
from libs.saga.tests.test_conformance import STEPS, compensated, completed, until

EMBEDDED_ONLY = frozenset({"test_an_engine_killed_at_any_of_its_writes_is_continued_by_the_next"})
CASES = list(cases(test_conformance, but=EMBEDDED_ONLY))
AT_ONCE = 10
PACE = Pace(round=0.5)
TASK_S = 5
ONE_TASK = Saga(
    "one_task", 1, (Step("only", do="lone.do", undo=NOTHING, pivot=True, timeout=TASK_S),)
)


@asynccontextmanager
async def hall_on(
    server: ConductorServer, *, task_s: float, patience_s: float
) -> AsyncIterator[Hall]:
    async with (
        httpx.AsyncClient(base_url=server.api) as http,
        open_hall(Deaf(http), pace=PACE, task_s=task_s, patience_s=patience_s) as hall,
    ):
        yield hall


@pytest.fixture(scope="module")
def outcomes(
    conductor_server: ConductorServer, request: pytest.FixtureRequest
) -> Mapping[str, Exception | None]:
    """How each case that is asked for went."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    given = [item.callspec.params.get("case") for item in items if hasattr(item, "callspec")]
    chosen = [case for case in given if isinstance(case, Case)]
    slots = asyncio.Semaphore(AT_ONCE)

    async def run(hall: Hall, number: int, case: Case) -> Exception | None:
        async with slots:
            try:
                async with on_conductor(hall, f"case-{number}") as driver:
                    await case.test(driver, **case.given)
            except Exception as error:  # noqa: BLE001 — told by the case's own test
                return error
            return None

    async def run_all() -> dict[str, Exception | None]:
        async with hall_on(conductor_server, task_s=1, patience_s=120) as hall:
            runs = (run(hall, number, case) for number, case in enumerate(chosen))
            ends = await asyncio.gather(*runs)
        return dict(zip((case.name for case in chosen), ends, strict=True))

    return asyncio.run(run_all())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_of_the_suite(case: Case, outcomes: Mapping[str, Exception | None]) -> None:
    if (error := outcomes[case.name]) is not None:
        raise error


def is_parked(driver: OnConductor, stop: tuple[str, Kind]) -> bool:
    return stop in {(task.step, task.kind) for task in driver.shop.tasks_seen}


async def test_a_server_killed_in_the_middle_of_every_task_loses_none(
    conductor_server: ConductorServer,
) -> None:
    """What was done just before is asked for again, and done once all the same."""
    parked: list[tuple[str, Kind]] = [
        *((step, "do") for step in STEPS),
        *((step, "undo") for step in BEFORE),
    ]
    async with (
        AsyncExitStack() as stack,
        hall_on(conductor_server, task_s=15, patience_s=300) as hall,
    ):
        drivers = []
        for step, kind in parked:
            name = f"kill-{step}-{kind}"
            driver = await stack.enter_async_context(on_conductor(hall, name))
            drivers.append(driver)
            driver.shop.script["reserve", "do"] = [Fault.REJECT] if kind == "undo" else []
            driver.shop.script[step, kind] = [Fault.LOSE_ANSWER]
            await driver.start("s1")
        for driver, stop in zip(drivers, parked, strict=True):
            await until(partial(is_parked, driver, stop))

        await asyncio.to_thread(conductor_server.kill)
        await asyncio.to_thread(conductor_server.start)

        for driver, (_step, kind) in zip(drivers, parked, strict=True):
            if kind == "do":
                assert await driver.end("s1") == State.COMPLETED
                assert await completed(driver)
            else:
                assert await driver.end("s1") == State.COMPENSATED
                assert await compensated(driver, *BEFORE[:3])


async def test_the_task_of_a_killed_worker_comes_back_within_its_timeout_and_five_seconds(
    conductor_server: ConductorServer, tmp_path: Path
) -> None:
    came = asyncio.Event()

    async def do(_task: Task) -> Output:
        came.set()
        return {}

    async with httpx.AsyncClient(base_url=conductor_server.api) as http:
        conductor = Conductor(http)
        sagas = Sagas(ONE_TASK)
        with open_database(f"sqlite:///{tmp_path}/sagas.db", HERE / "conductor_migrations") as db:
            ask = db.transact(lambda session: SqlSagas(session, sagas))
            engine = ConductorEngine(db, sagas, conductor, name="lone", pace=PACE)
            running = asyncio.create_task(engine.run())
            request = SagaRequest(name="one_task", saga_id="lone", subject="s", input={})
            await ask(lambda sagas: sagas.request(request))
            engine.wake("lone")

            dies = [sys.executable, "-m", "tests.harness.dying_worker", conductor_server.api]
            ended = await asyncio.to_thread(subprocess.run, [*dies, "lone.do"], timeout=60)
            assert ended.returncode == -9

            worker = Worker(conductor, {"lone.do": do}, SystemClock(), name=f"w{os.getpid()}")
            working = asyncio.create_task(worker.run())
            async with asyncio.timeout(TASK_S + 1 + 5):
                await came.wait()
            assert await engine.ended("lone") == State.COMPLETED
            worker.stop()
            await working
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
