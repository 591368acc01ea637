"""The engine on Conductor: turns requests into workflows, and follows these to their end.

The server decides what comes next and workers do it; this is the part beside the order database.
Each round it looks after the sagas that no other process does: it starts what was asked for,
copies what happened, has the server look at what is overdue, and carries out what staff decided.
Everything it does follows from what is written, so it may die at any point.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import Database, Session, UniqueViolation
from bookstore.kit.errors import UnavailableError
from bookstore.saga.conductor.client import Conductor, Json
from bookstore.saga.conductor.compile import compiled
from bookstore.saga.conductor.desk import Claim, Desk
from bookstore.saga.conductor.history import (
    is_broken,
    is_overdue,
    is_superseded,
    news,
)
from bookstore.saga.conductor.mending import Mender
from bookstore.saga.journal import FencedError
from bookstore.saga.observer import Observer, Unobserved
from bookstore.saga.ports import (
    GOING,
    SagaNotFoundError,
    SagaNotStuckError,
    SagaRequest,
    State,
)
from bookstore.saga.progress import Event, Progress
from bookstore.saga.registry import Sagas
from bookstore.saga.steering import Steered

log = logging.getLogger(__name__)

_MOST: Final = 100  # sagas looked after in one round
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are done, in seconds."""

    round: float = 1.0
    lease: float = 30.0
    kick: float = 3.0


class ConductorEngine(Steered):
    """Looks after the sagas of one database, beside any number of its like in other processes."""

    def __init__(  # noqa: PLR0913 — what it works with
        self,
        database: Database,
        sagas: Sagas,
        conductor: Conductor,
        *,
        name: str,
        clock: Clock | None = None,
        observer: Observer | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Call it by a name that no other process has."""
        self._sagas = sagas
        self._conductor = conductor
        self._name = name
        self._clock = clock or SystemClock()
        self._observer = observer or Unobserved()
        self._pace = pace or Pace()

        def desk(session: Session) -> Desk:
            return Desk(session, sagas, self._clock)

        self._write = database.transact(desk)
        self._read = database.read(desk)
        self._glance = database.glance(desk)
        self._epoch = 0
        self._called = asyncio.Event()
        self._kicked: dict[str, float] = {}
        self._mender = Mender(conductor, self._clock, self._pace.round)
        self._news: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()

    async def run(self) -> None:
        """Run until cancelled, after the workflows are registered.

        Raises UnknownSagaError if an open saga's version is not registered, and FencedError once
        an embedded engine has taken over.
        """
        await self._begin()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), self._pace.round)
            self._called.clear()
            try:
                await self._go_round()
            except UnavailableError as error:
                log.warning("sagas wait for their database: %s", error)

    def wake(self, saga_id: str) -> None:
        log.debug("a round begins at once, for saga %s", saga_id)
        self._called.set()

    async def ended(self, saga_id: str) -> State:
        heard = self._news.setdefault(saga_id, asyncio.Event())
        while True:
            heard.clear()
            progress = await self._glance(lambda desk: desk.log.progress(saga_id))
            if progress is None:
                raise SagaNotFoundError(f"there is no saga {saga_id}")
            if progress.state not in GOING:
                return progress.state
            with suppress(TimeoutError):  # it may have ended in another process
                await asyncio.wait_for(heard.wait(), self._pace.round)

    async def figures(self) -> dict[State, tuple[int, datetime]]:
        """Return how many sagas are open in each state, and since when the oldest."""
        return await self._read(lambda desk: desk.figures())

    async def queued(self) -> dict[str, int]:
        """Return how many tasks of each kind wait for a worker; raises UnavailableError."""
        return await self._conductor.queued({task for saga in self._sagas for task in saga.tasks})

    async def _stuck(self) -> Sequence[str]:
        return await self._read(lambda desk: desk.stuck())

    async def _write_move(
        self, saga_id: str, decide: Callable[[Progress], Event], then: SagaRequest | None
    ) -> None:
        """Write down what staff decided; the next round has the workflow obey."""
        epoch = self._epoch
        try:
            await self._write(lambda desk: desk.move(epoch, saga_id, decide, then))
        except UniqueViolation as error:
            raise SagaNotStuckError(f"saga {saga_id} was moved just now") from error

    async def _begin(self) -> None:
        """Make our sagas known to the server, as soon as it and the database are there."""
        while True:
            try:
                await self._read(lambda desk: desk.going())
                self._epoch = await self._write(lambda desk: desk.join())
                await self._conductor.register([compiled(saga) for saga in self._sagas])
            except UnavailableError as error:
                log.warning("sagas are not looked after yet: %s", error)
            else:
                return
            await asyncio.sleep(self._pace.round)

    async def _go_round(self) -> None:
        lease = timedelta(seconds=self._pace.lease)
        claims = await self._write(lambda desk: desk.claim(self._name, lease, _MOST))
        slots = asyncio.Semaphore(_AT_ONCE)

        async def look_after(claim: Claim) -> None:
            async with slots:
                await self._look_after(claim)

        try:
            async with asyncio.TaskGroup() as group:
                for claim in claims:
                    group.create_task(look_after(claim))
        except ExceptionGroup as group:  # only an embedded engine can end a round like this
            raise group.exceptions[0] from group

    async def _look_after(self, claim: Claim) -> None:
        """Do what there is to do for a saga; what fails is done in another round."""
        try:
            workflow_id = claim.workflow_id or await self._started(claim)
            flow = await self._conductor.look(workflow_id)
            if flow is None:
                await self._miss(claim.saga_id, workflow_id)
            elif is_superseded(flow):
                await self._change_over(claim.saga_id, flow)
            else:
                await self._follow(claim.saga_id, flow)
        except FencedError:
            raise
        except UniqueViolation:
            log.info("saga %s is looked after elsewhere", claim.saga_id)
        except UnavailableError as error:
            log.warning("saga %s waits: %s", claim.saga_id, error)
        except Exception:
            log.exception("saga %s is looked at again", claim.saga_id)

    async def _started(self, claim: Claim) -> str:
        """Start a saga's workflow, unless one was started of which nobody heard."""
        progress = await self._read(lambda desk: desk.log.progress(claim.saga_id))
        if progress is None:
            raise SagaNotFoundError(f"there is no saga {claim.saga_id}")
        saga, workflow_id = progress.saga, ""
        if not claim.is_new:
            workflow_id = next(iter(await self._conductor.started(saga.name, claim.saga_id)), "")
        if not workflow_id:
            workflow_id = await self._conductor.start(
                saga.name,
                saga.version,
                claim.saga_id,
                data=progress.input,
                traceparent=progress.traceparent,
            )
        await self._write(lambda desk: desk.bind(claim.saga_id, workflow_id))
        return workflow_id

    async def _change_over(self, saga_id: str, flow: Json) -> None:
        """Follow the workflow that came first instead: this one undoes nothing and ends."""
        mine = flow["workflowId"]
        others = await self._conductor.started(flow["workflowName"], saga_id)
        found = [await self._conductor.look(other) for other in others if other != mine]
        first = next(other for other in found if other is not None and not is_superseded(other))
        await self._write(lambda desk: desk.bind(saga_id, first["workflowId"]))
        self.wake(saga_id)

    async def _follow(self, saga_id: str, flow: Json) -> None:
        found = await self._read(lambda desk: desk.look(saga_id))
        if found is None:
            raise SagaNotFoundError(f"there is no saga {saga_id}")
        progress, known = found
        if any(True for _ in news(progress, flow, known)):
            epoch = self._epoch
            progress, events = await self._write(lambda desk: desk.copy(epoch, saga_id, flow))
            self._tell(progress, events)
            self._mender.forget(saga_id)
        if progress.state not in GOING:
            self._kicked.pop(saga_id, None)
            return
        if is_broken(flow) and (progress.due is None or progress.due <= self._clock.now()):
            event = await self._mender.mend(progress, flow, known)
            if event is not None:
                await self._give_up(progress, event)
        if is_overdue(flow, self._clock.now()) and self._may_kick(saga_id):
            await self._conductor.decide(flow["workflowId"])

    async def _miss(self, saga_id: str, workflow_id: str) -> None:
        progress = await self._read(lambda desk: desk.log.progress(saga_id))
        event = None if progress is None else self._mender.miss(progress, workflow_id)
        if progress is not None and event is not None:
            await self._give_up(progress, event)

    async def _give_up(self, progress: Progress, event: Event) -> None:
        """Leave a saga to people, who read why in its timeline and in the log."""
        epoch = self._epoch
        await self._write(lambda desk: desk.write(epoch, progress, event))
        log.error("saga %s: %s", progress.saga_id, event.detail["reason"])
        self._mender.forget(progress.saga_id)
        self._kicked.pop(progress.saga_id, None)
        progress.apply(event)
        self._tell(progress, [event])

    def _may_kick(self, saga_id: str) -> bool:
        now = self._clock.monotonic()
        if now - self._kicked.get(saga_id, -self._pace.kick) < self._pace.kick:
            return False
        self._kicked[saga_id] = now
        return True

    def _tell(self, progress: Progress, events: Sequence[Event]) -> None:
        name = progress.saga.name
        for event in events:
            seconds = (event.ended_at - event.started_at).total_seconds()
            self._observer.attempted(name, event.step, event.kind, event.status, seconds)
            if event.state not in GOING:
                self._observer.came_to(name, event.state)
            if event.state == State.STUCK:
                log.error("saga %s %s is stuck at %s", name, progress.saga_id, event.step)
        heard = self._news.get(progress.saga_id)
        if heard is not None and progress.state not in GOING:
            heard.set()
