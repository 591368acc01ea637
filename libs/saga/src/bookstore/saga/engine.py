"""The embedded engine: brings the sagas of one database to their end, in this process.

One engine at a time runs; on a server, others wait for the lock and take over when the process
that holds it dies. Each saga is driven by a task of its own, from one durable event to the next.
Whatever the engine does follows from what is written, so a killed one is continued by the next:
at worst an attempt is made twice, and its key makes it once in effect.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import Database, Hold, Session
from bookstore.kit.errors import StorageFullError, UnavailableError
from bookstore.kit.transaction import ResultT
from bookstore.saga.attempt import perform
from bookstore.saga.decide import Outcome, after
from bookstore.saga.groups import first_failure
from bookstore.saga.journal import FencedError, Journal
from bookstore.saga.observer import Observer, Unobserved
from bookstore.saga.ports import (
    GOING,
    SagaNotFoundError,
    SagaRequest,
    State,
    Status,
)
from bookstore.saga.progress import Event, Progress
from bookstore.saga.reference import UnresolvedError
from bookstore.saga.registry import Sagas
from bookstore.saga.steering import Steered
from bookstore.saga.task import Handler, Task

log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.1  # seconds, while the database cannot be written
_LONGEST_PAUSE = 2.0
_LOOK_AROUND = 1.0


class EmbeddedEngine(Steered):
    """Runs sagas over the database in which they are asked for; one at a time per database."""

    def __init__(
        self,
        database: Database,
        sagas: Sagas,
        *,
        clock: Clock | None = None,
        observer: Observer | None = None,
        at_once: int = 512,
    ) -> None:
        """Drive up to `at_once` sagas at a time; those that wait for a retry do not count."""
        self._sagas = sagas
        self._clock = clock or SystemClock()
        self._observer = observer or Unobserved()

        def journal(session: Session) -> Journal:
            return Journal(session, sagas, self._clock)

        self._write = database.transact(journal)
        self._read = database.read(journal)
        self._glance = database.glance(journal)
        self._handlers: Mapping[str, Handler] = {}
        self._alone = partial(database.alone, "sagas")
        self._runs = False
        self._epoch = 0
        self._ready: deque[str] = deque()
        self._called = asyncio.Event()
        self._at_once = at_once
        self._held: set[str] = set()  # queued, driven, or waiting for a retry
        self._nudged: set[str] = set()  # woken while they were held
        self._paused: dict[str, Progress] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._waiters: dict[str, list[asyncio.Future[State]]] = {}

    async def run(self, tasks: Mapping[str, Handler]) -> None:
        """Run until cancelled, while no other engine does, beginning with what one left open.

        Raises ValueError if a task has no handler, UnknownSagaError if an open saga's version
        is not registered, and FencedError if another engine has taken over all the same.
        """
        missing = sorted({task for saga in self._sagas for task in saga.tasks} - tasks.keys())
        if missing:
            raise ValueError(f"no handler for {', '.join(missing)}")
        self._handlers = tasks
        while True:
            async with self._alone() as hold:
                await self._run_while(hold)

    async def _run_while(self, hold: Hold) -> None:
        """Drive all sagas until the hold is lost."""
        self._epoch = await self._durably(lambda journal: journal.take_over())
        try:
            self._runs = True
            await self._look_around()
            for saga_id in list(self._waiters):  # it may have ended while another engine ran
                self.wake(saga_id)
            with first_failure():
                async with asyncio.TaskGroup() as group:
                    running = [group.create_task(self._drive_all())]
                    if hold.is_shared:
                        running.append(group.create_task(self._keep_looking_around()))
                    await hold.lost()
                    for task in running:
                        task.cancel()
        finally:
            self._runs = False
            self._let_go()

    async def _drive_all(self) -> None:
        slots = asyncio.Semaphore(self._at_once)
        with first_failure():
            async with asyncio.TaskGroup() as group:
                while await self._called.wait():
                    self._called.clear()
                    while self._ready:
                        await slots.acquire()
                        group.create_task(self._drive(self._ready.popleft(), slots))

    async def _look_around(self) -> None:
        """Take on what has to go on, whoever asked for it."""
        for saga_id in await self._read(lambda journal: journal.going()):
            if saga_id not in self._held:
                self.wake(saga_id)

    async def _keep_looking_around(self) -> None:
        """Find what is asked for by processes whose engines wait for their turn."""
        while True:
            await asyncio.sleep(_LOOK_AROUND)
            try:
                await self._look_around()
            except UnavailableError as error:
                log.warning("sagas wait for their database: %s", error)

    def wake(self, saga_id: str) -> None:
        if not self._runs:
            return
        if saga_id in self._held:
            self._nudged.add(saga_id)
            return
        self._held.add(saga_id)
        self._ready.append(saga_id)
        self._called.set()

    async def ended(self, saga_id: str) -> State:
        future: asyncio.Future[State] = asyncio.get_running_loop().create_future()
        waiters = self._waiters.setdefault(saga_id, [])
        waiters.append(future)
        try:
            if saga_id not in self._held:
                progress = await self._glance(lambda journal: journal.log.progress(saga_id))
                if progress is None:
                    raise SagaNotFoundError(f"there is no saga {saga_id}")
                if progress.state not in GOING:
                    return progress.state
                self.wake(saga_id)
            return await future
        finally:
            waiters.remove(future)
            if not waiters and self._waiters.get(saga_id) is waiters:
                del self._waiters[saga_id]

    async def figures(self) -> dict[State, tuple[int, datetime]]:
        """Return how many sagas are open in each state, and since when the oldest."""
        return await self._read(lambda journal: journal.figures())

    async def _stuck(self) -> Sequence[str]:
        return await self._read(lambda journal: journal.stuck())

    async def _write_move(
        self, saga_id: str, decide: Callable[[Progress], Event], then: SagaRequest | None
    ) -> None:
        epoch = self._epoch
        await self._write(lambda journal: journal.move(epoch, saga_id, decide, then))

    async def _drive(self, saga_id: str, slots: asyncio.Semaphore) -> None:
        """Bring a saga to its end, to a pause or to where people are needed."""
        pause: float | None = None
        self._nudged.discard(saga_id)
        try:
            progress = self._paused.pop(saga_id, None) or await self._glance(
                lambda journal: journal.log.progress(saga_id)
            )
            if progress is not None:
                pause = await self._advance(progress)
        except FencedError:
            raise
        except Exception:
            log.exception("saga %s is looked at again in %g s", saga_id, _LONGEST_PAUSE)
            pause = _LONGEST_PAUSE
        finally:
            slots.release()
            self._held.discard(saga_id)
        if pause is not None:
            self._held.add(saga_id)
            loop = asyncio.get_running_loop()
            self._timers[saga_id] = loop.call_later(pause, self._wake_again, saga_id)
        elif saga_id in self._nudged:  # staff were faster than the news of its being stuck
            self.wake(saga_id)

    async def _advance(self, progress: Progress) -> float | None:
        """Make one attempt after another; return for how many seconds to pause, if it is open."""
        while progress.state in GOING:
            pause = self._pause(progress)
            if pause > 0:
                progress.due = None  # then it is due, whatever became of the clock
                self._paused[progress.saga_id] = progress
                return pause
            event = await self._attempt(progress)
            await self._record(progress, event)
            progress.apply(event)
            self._tell(progress, event)
        for waiter in self._waiters.pop(progress.saga_id, ()):
            if not waiter.done():
                waiter.set_result(progress.state)
        return None

    async def _attempt(self, progress: Progress) -> Event:
        began = self._clock.now()
        try:
            given = progress.task_input()
        except UnresolvedError as error:
            outcome = Outcome.no(Status.REJECTED, "unresolved-input", str(error))
            return after(progress, outcome, began, began)
        task = Task(
            saga_id=progress.saga_id,
            step=progress.step.name,
            kind=progress.kind,
            input=given,
            attempt=progress.number + 1,
            deadline=began + timedelta(seconds=progress.timeout),
            workflow_id=progress.workflow_id,
            traceparent=progress.traceparent,
            again=progress.again,
        )
        handler, timeout = self._handlers[progress.task], progress.timeout
        pause = _FIRST_PAUSE
        while True:
            try:
                outcome = await perform(handler, task, timeout)
            except StorageFullError:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                return after(progress, outcome, began, self._clock.now())

    async def _record(self, progress: Progress, event: Event) -> None:
        epoch = self._epoch
        await self._durably(lambda journal: journal.write(epoch, progress, event))

    async def _durably(self, work: Callable[[Journal], ResultT]) -> ResultT:
        """Write, waiting as long as the database cannot be written."""
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self._write(work)
            except UnavailableError as error:
                log.warning("sagas wait for their database: %s", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _pause(self, progress: Progress) -> float:
        """Return the seconds until the next attempt: never more than its retries allow."""
        if progress.due is None:
            return 0.0
        return min((progress.due - self._clock.now()).total_seconds(), progress.retry.longest)

    def _tell(self, progress: Progress, event: Event) -> None:
        name, seconds = progress.saga.name, (event.ended_at - event.started_at).total_seconds()
        self._observer.attempted(name, event.step, event.kind, event.status, seconds)
        if event.state not in GOING:
            self._observer.came_to(name, event.state)
        if event.state == State.STUCK:
            log.error("saga %s %s is stuck at %s", name, progress.saga_id, event.step)

    def _wake_again(self, saga_id: str) -> None:
        del self._timers[saga_id]
        self._held.discard(saga_id)
        self.wake(saga_id)

    def _let_go(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._paused.clear()
        self._held.clear()
        self._nudged.clear()
        self._ready.clear()
