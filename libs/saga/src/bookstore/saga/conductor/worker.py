"""A worker: takes tasks of the kinds it has handlers for, and tells what came of them.

Delivery is at least once: a task whose worker died, or whose answer was lost, comes again, under
another id of the server's; the handlers know it by the saga's key. On stop nothing new is taken,
and what was taken is finished, if that takes no longer than a process may take to end. The
server's patience with a task ends sooner than a long one does: it is held while it is worked on.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

import msgspec

from bookstore.kit.clock import Clock
from bookstore.kit.errors import BookstoreError, StorageFullError, UnavailableError
from bookstore.saga.attempt import perform
from bookstore.saga.conductor.client import Conductor, Json
from bookstore.saga.conductor.holding import held
from bookstore.saga.decide import Outcome
from bookstore.saga.ports import Status
from bookstore.saga.task import UNKNOWN, Handler, Kind, Task

log = logging.getLogger(__name__)

T = TypeVar("T")

GRACE_S: Final = 16.0  # a step's longest timeout and its answer; a process ends within 20
_SOONEST_S: Final = 0.01
_TROUBLED_S: Final = 1.0
_TELLINGS: Final = 20  # times something is told or asked, a second apart
_NO_LEASE_S: Final = 3600.0
_LONGEST_REASON: Final = 500  # the server cuts what is longer


class _Asked(msgspec.Struct):
    """A task's input, as the compiled workflow gives it."""

    saga_id: str
    step: str
    kind: Kind
    timeout: float
    workflow_id: str
    input: dict[str, Any]
    traceparent: str | None = None
    failure: "Why | None" = None
    returns_rejection: bool = False
    settled: bool = False


class Why(msgspec.Struct):
    """Why a task was not done, as its worker writes it into the output under `failure`."""

    status: Status
    code: str
    reason: str
    fields: tuple[dict[str, Any], ...] = ()


class Worker:
    """Works on the tasks of one process, so many of each kind at once."""

    def __init__(  # noqa: PLR0913 — what it works with, and how hard
        self,
        conductor: Conductor,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        name: str,
        at_once: int = 8,
        rest_s: float = 0.25,
        grace_s: float = GRACE_S,
    ) -> None:
        """Call it by a name that no other process has; it rests so long when there is no task.

        Once stopped, it ends within `grace_s`, whether or not the server answers.
        """
        self._conductor = conductor
        self._handlers = handlers
        self._clock = clock
        self._name = name
        self._at_once = at_once
        self._rest_s = rest_s
        self._grace_s = grace_s
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Take nothing more; `run` ends when what was taken is answered."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped; what is not finished in time is left for another worker."""
        try:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as group:
                group.create_task(self._limit(limit))
                for kind in self._handlers:
                    group.create_task(self._work(kind))
        except TimeoutError:
            log.warning("tasks are left for another worker: not done within %g s", self._grace_s)

    async def _limit(self, limit: asyncio.Timeout) -> None:
        """Give what was taken so long, once we are stopped."""
        await self._stopping.wait()
        limit.reschedule(asyncio.get_running_loop().time() + self._grace_s)

    async def _work(self, kind: str) -> None:
        """Take tasks of a kind, as many as there are hands free, and rest while there are none."""
        pause = _SOONEST_S
        busy: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while not self._stopping.is_set():
                busy = {job for job in busy if not job.done()}
                if len(busy) >= self._at_once:
                    await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
                    continue
                try:
                    taken = await self._conductor.poll(kind, self._name, self._at_once - len(busy))
                except UnavailableError as error:
                    log.warning("no tasks %s: %s", kind, error)
                    taken, pause = [], _TROUBLED_S
                busy |= {group.create_task(self._do(task)) for task in taken}
                if taken:
                    pause = _SOONEST_S
                    continue
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
                pause = min(2 * pause, self._rest_s)

    async def _do(self, given: Json) -> None:
        """Do a task and tell; whatever becomes of one, the worker goes on with the others."""
        task = {"taskId": given["taskId"], "workflowInstanceId": given["workflowInstanceId"]}
        try:
            async with held(self._conductor, task | {"workerId": self._name}, _lease(given)):
                told = await self._told(given)
            result = task | {"workerId": self._name} | told
            await _insisting(lambda: self._conductor.answer(result))
        except BookstoreError as error:  # the server will have it done again
            log.warning("task %s is left for another attempt: %s", given["taskId"], error)

    async def _told(self, given: Json) -> dict[str, Any]:
        """Do a task, and say what came of it as the server understands it."""
        try:
            asked = msgspec.convert(given["inputData"], _Asked)
        except msgspec.ValidationError as error:
            return _not_done(Outcome.no(Status.REJECTED, "malformed-task", str(error)))
        if asked.settled:
            return {"status": "COMPLETED", "outputData": {}}
        task = await self._task(asked, given)
        try:
            outcome = await perform(self._handlers[given["taskDefName"]], task, asked.timeout)
        except StorageFullError:  # no attempt: the same task comes again
            return {"status": "IN_PROGRESS", "callbackAfterSeconds": 1}
        if outcome.status is Status.DONE:
            return {"status": "COMPLETED", "outputData": dict(outcome.detail)}
        told = _not_done(outcome)
        if asked.returns_rejection and outcome.status is Status.REJECTED:
            told["status"] = "COMPLETED"
        return told

    async def _task(self, asked: _Asked, given: Json) -> Task:
        return Task(
            saga_id=asked.saga_id,
            step=asked.step,
            kind=asked.kind,
            input=asked.input | (_failure(asked.failure) if asked.kind == "undo" else {}),
            attempt=int(given.get("retryCount") or 0) + 1,
            deadline=self._clock.now() + timedelta(seconds=asked.timeout),
            workflow_id=asked.workflow_id,
            traceparent=asked.traceparent,
            again=await self._again(given) if given.get("retriedTaskId") else 0,
        )

    async def _again(self, given: Json) -> int:
        """Return how often it was rejected before: only staff have a rejected task asked again."""
        flow = await _insisting(lambda: self._conductor.look(given["workflowInstanceId"]))
        reference = given["referenceTaskName"]
        tasks = [t for t in (flow or {}).get("tasks", ()) if t["referenceTaskName"] == reference]
        failures = [why for task in tasks if (why := why_not(task)) is not None]
        return sum(why.status is Status.REJECTED for why in failures)


def why_not(task: Json) -> Why | None:
    """Read why a task was not done, if its worker said so: one that died did not."""
    try:
        return msgspec.convert((task.get("outputData") or {}).get("failure"), Why)
    except msgspec.ValidationError:
        return None


def _lease(given: Json) -> float:
    return float(given.get("responseTimeoutSeconds") or _NO_LEASE_S)


def _not_done(outcome: Outcome) -> dict[str, Any]:
    final = outcome.status is Status.REJECTED
    failure = {"status": outcome.status.value, **outcome.detail}
    reason = f"{outcome.detail['code']}: {outcome.detail['reason']}"
    return {
        "status": "FAILED_WITH_TERMINAL_ERROR" if final else "FAILED",
        "outputData": {"failure": failure},
        "reasonForIncompletion": reason[:_LONGEST_REASON],
    }


def _failure(why: Why | None) -> dict[str, Any]:
    """Say why a saga turned round; after a timeout or trouble nobody knows what happened."""
    if why is None:
        return {"code": UNKNOWN, "reason": "no answer came", "fields": ()}
    code = why.code if why.status is Status.REJECTED else UNKNOWN
    return {"code": code, "reason": why.reason, "fields": why.fields}


async def _insisting(ask: Callable[[], Awaitable[T]]) -> T:
    """Repeat what the server did not hear; raises UnavailableError when it seems gone for good."""
    for _ in range(_TELLINGS):
        try:
            return await ask()
        except UnavailableError as error:
            log.warning("the workflow server is asked again: %s", error)
            await asyncio.sleep(_TROUBLED_S)
    return await ask()
