"""A worker: takes tasks of the kinds it has handlers for, and tells what came of them.

Delivery is at least once: a task whose worker died, or whose answer was lost, comes again, under
another id of the server's; the handlers know it by the saga's key. On stop nothing new is taken,
and what was taken is finished.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from bookstore.kit.clock import Clock
from bookstore.kit.errors import UnavailableError
from bookstore.saga.attempt import perform
from bookstore.saga.conductor.client import Conductor
from bookstore.saga.decide import Outcome
from bookstore.saga.ports import Status
from bookstore.saga.task import UNKNOWN, Handler, Task

log = logging.getLogger(__name__)

_SOONEST_S: Final = 0.01
_LATEST_S: Final = 0.25
_TROUBLED_S: Final = 1.0
_ANSWERS: Final = 20  # times an answer is repeated, a second apart
_REASON: Final = msgspec.json.Encoder()


class _Why(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a task was not done; `final` if it was rejected."""

    final: bool
    code: str
    reason: str
    fields: tuple[dict[str, Any], ...] = ()


class Worker:
    """Works on the tasks of one process, so many of each kind at once."""

    def __init__(
        self,
        conductor: Conductor,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        name: str,
        at_once: int = 8,
    ) -> None:
        """Call it by a name that no other process has."""
        self._conductor = conductor
        self._handlers = handlers
        self._clock = clock
        self._name = name
        self._at_once = at_once
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Take nothing more; `run` ends when what was taken is answered."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped."""
        async with asyncio.TaskGroup() as group:
            for kind in self._handlers:
                group.create_task(self._work(kind))

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
                pause = min(2 * pause, _LATEST_S)

    async def _do(self, given: dict[str, Any]) -> None:
        asked = given["inputData"]
        timeout = float(asked["timeout"])
        outcome = await perform(self._handlers[given["taskDefName"]], self._task(given), timeout)
        result = {
            "taskId": given["taskId"],
            "workflowInstanceId": given["workflowInstanceId"],
            "workerId": self._name,
            **_told(outcome),
        }
        await _insisting(lambda: self._conductor.answer(result))

    def _task(self, given: dict[str, Any]) -> Task:
        asked = given["inputData"]
        return Task(
            saga_id=asked["saga_id"],
            step=asked["step"],
            kind=asked["kind"],
            input=asked["input"] | (_failure(asked) if asked["kind"] == "undo" else {}),
            attempt=int(given.get("retryCount") or 0) + 1,
            deadline=self._clock.now() + timedelta(seconds=float(asked["timeout"])),
            workflow_id=asked["workflow_id"],
            traceparent=asked.get("traceparent"),
        )


def _told(outcome: Outcome) -> dict[str, Any]:
    """Say it as the server understands it: a failed task has no output, its reason says it all."""
    if outcome.status is Status.DONE:
        return {"status": "COMPLETED", "outputData": dict(outcome.detail)}
    final = outcome.status is Status.REJECTED
    return {
        "status": "FAILED_WITH_TERMINAL_ERROR" if final else "FAILED",
        "reasonForIncompletion": _REASON.encode(_Why(final, **outcome.detail)).decode(),
    }


def _failure(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Read why a step failed, as its worker wrote it; what the server wrote is not known to us."""
    text = str(asked.get("failure") or "")
    try:
        why = msgspec.json.decode(text, type=_Why)
    except msgspec.MsgspecError:
        why = _Why(final=False, code=UNKNOWN, reason=text)
    code = why.code if why.final else UNKNOWN  # after a timeout or trouble nobody knows
    return {"code": code, "reason": why.reason, "fields": why.fields}


async def _insisting(tell: Callable[[], Awaitable[None]]) -> None:
    """Repeat an answer until it has arrived; one that never does is asked for again."""
    for _ in range(_ANSWERS):
        try:
            await tell()
        except UnavailableError as error:
            log.warning("an answer waits: %s", error)
            await asyncio.sleep(_TROUBLED_S)
        else:
            return
