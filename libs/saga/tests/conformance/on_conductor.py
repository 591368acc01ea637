"""The engine on Conductor under the conformance suite: many cases at once on one server.

Each case has an engine, a journal and a shop of its own; they share the workflows and one worker.
A saga's id says whose it is: the worker's handlers deliver each task to the shop of its case.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from bookstore.kit.clock import SystemClock
from bookstore.kit.database import Database, open_database
from bookstore.saga.conductor.client import Conductor, Json
from bookstore.saga.conductor.engine import ConductorEngine, Pace
from bookstore.saga.conductor.worker import Worker
from bookstore.saga.journal import FencedError
from bookstore.saga.ports import SagaExistsError, SagaRequest, SagaView, State
from bookstore.saga.registry import Sagas
from bookstore.saga.spec import Saga
from bookstore.saga.store import SqlSagas
from bookstore.saga.task import Handler, Output, Task
from libs.saga.tests.conformance.driver import Driver
from libs.saga.tests.conformance.embedded import HERE
from libs.saga.tests.conformance.sagas import CHECKOUT, CHECKOUT_2, RETURN
from libs.saga.tests.conformance.shop import Shop


@dataclass(frozen=True)
class Deaf(Conductor):
    """A server to which a worker that was killed says nothing."""

    dead: set[str] = field(default_factory=set)

    async def answer(self, result: Json) -> None:
        if result["workflowInstanceId"] in self.dead:
            self.dead.discard(result["workflowInstanceId"])
        else:
            await super().answer(result)

    async def hold(self, task: Json) -> None:
        if task["workflowInstanceId"] not in self.dead:
            await super().hold(task)


@dataclass
class Hall:
    """Where all cases meet: the server, the worker, and whose sagas are whose."""

    conductor: Deaf
    pace: Pace
    task_s: float  # how long a task may take
    patience_s: float  # how long a saga may
    known: tuple[Saga, ...]
    cases: dict[str, "OnConductor"] = field(default_factory=dict)

    def handlers(self) -> Mapping[str, Handler]:
        tasks = frozenset[str]().union(*(saga.tasks for saga in self.known))
        return dict.fromkeys(tasks, self._deliver)

    async def _deliver(self, task: Task) -> Output:
        case, _, saga_id = task.saga_id.partition(":")
        return await self.cases[case].deliver(replace(task, saga_id=saga_id), task.workflow_id)

    def sagas(self, sagas: Sagas) -> Sagas:
        """Let every task take longer than it may where nothing is shared."""
        return Sagas(*(self._slower(saga) for saga in sagas))

    def _slower(self, saga: Saga) -> Saga:
        steps = (replace(s, timeout=self.task_s, undo_timeout=self.task_s) for s in saga.steps)
        return replace(saga, steps=tuple(steps))


class OnConductor(Driver):
    def __init__(
        self, hall: Hall, case: str, database: Database, shop: Shop, sagas: Sagas
    ) -> None:
        self.hall = hall
        self.case = case
        self.database = database
        self.shop = shop
        self.shop.kill = self.kill
        self.working_on = ""
        self.running: asyncio.Task[None] | None = None
        self._release(sagas)

    def _release(self, sagas: Sagas) -> None:
        self.sagas = sagas
        known = self.hall.sagas(sagas)
        self._ask = self.database.transact(lambda session: SqlSagas(session, known))
        self.engine = ConductorEngine(
            self.database, known, self.hall.conductor, name=self.case, pace=self.hall.pace
        )

    async def deliver(self, task: Task, workflow_id: str) -> Output:
        self.working_on = workflow_id
        return await self.shop.deliver(task)

    async def start(self, saga_id: str, name: str = "checkout") -> None:
        request = SagaRequest(
            name=name, saga_id=self._id(saga_id), subject=saga_id, input={"order_id": saga_id}
        )
        with suppress(SagaExistsError):
            await self._ask(lambda sagas: sagas.request(request))
        self.engine.wake(saga_id)

    async def end(self, saga_id: str) -> State:
        async with asyncio.timeout(self.hall.patience_s):
            while True:
                if self.running is None or self.running.done():
                    await self.restart()
                assert self.running is not None
                ended = asyncio.ensure_future(self.engine.ended(self._id(saga_id)))
                await asyncio.wait({ended, self.running}, return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    return await ended
                ended.cancel()

    async def view(self, saga_id: str) -> SagaView:
        view = await self._ask(lambda sagas: sagas.find(self._id(saga_id)))
        assert view is not None
        return view

    async def retry(self, saga_id: str) -> None:
        await self.engine.retry(self._id(saga_id), by="staff", reason="mended")

    async def settle(self, saga_id: str) -> None:
        await self.engine.settle(self._id(saga_id), by="staff", reason="paid back by hand")

    async def abandon(self, saga_id: str, then: str) -> None:
        request = SagaRequest(
            name="take_back", saga_id=self._id(then), subject=saga_id, input={"order_id": saga_id}
        )
        await self.engine.abandon(
            self._id(saga_id), by="staff", reason="cannot be had", then=request
        )

    def kill(self) -> None:
        """Kill the engine, and the worker of the task at hand: it never answers."""
        self.hall.conductor.dead.add(self.working_on)
        if self.running is not None:
            self.running.cancel()

    async def restart(self, sagas: Sagas | None = None) -> None:
        await self.stop()
        self._release(sagas or self.sagas)
        self.running = asyncio.create_task(self.engine.run())

    async def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            with suppress(asyncio.CancelledError, FencedError):
                await self.running

    def _id(self, saga_id: str) -> str:
        return f"{self.case}:{saga_id}"


@asynccontextmanager
async def open_hall(
    conductor: Deaf,
    *,
    pace: Pace,
    task_s: float,
    patience_s: float,
    known: tuple[Saga, ...] = (CHECKOUT, CHECKOUT_2, RETURN),
) -> AsyncIterator[Hall]:
    """Open the place where cases are run, with its worker at work on the sagas that are known."""
    hall = Hall(conductor, pace, task_s, patience_s, known)
    worker = Worker(
        conductor, hall.handlers(), SystemClock(), name="hall", at_once=32, rest_s=pace.round / 2
    )
    working = asyncio.create_task(worker.run())
    try:
        yield hall
    finally:
        worker.stop()
        await working


@asynccontextmanager
async def on_conductor(
    hall: Hall, case: str, sagas: tuple[Saga, ...] = (CHECKOUT, RETURN)
) -> AsyncIterator[OnConductor]:
    """Open a case, over databases in memory."""
    async with AsyncExitStack() as stack:
        journal = stack.enter_context(open_database("sqlite://", HERE / "conductor_migrations"))
        effects = stack.enter_context(open_database("sqlite://", HERE / "shop_migrations"))
        driver = hall.cases[case] = OnConductor(hall, case, journal, Shop(effects), Sagas(*sagas))
        try:
            await driver.restart()
            yield driver
        finally:
            await driver.stop()
            for stray in driver.shop.stray:
                stray.cancel()
            await asyncio.gather(*driver.shop.stray, return_exceptions=True)
