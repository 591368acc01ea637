"""A workflow read as a saga: the events that its tasks add up to.

Conductor decides what follows from an attempt; here its decision is read back, so that a saga's
journal and its timeline are the same on both engines. An attempt of which the server has not
said yet what follows is left for the next look.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from bookstore.saga.conductor.client import Json
from bookstore.saga.conductor.worker import why_not
from bookstore.saga.decide import Outcome, after, going_back
from bookstore.saga.inbox import SUPERSEDED
from bookstore.saga.ports import State, Status
from bookstore.saga.progress import Event, Progress
from bookstore.saga.task import Kind

Row: TypeAlias = tuple[str, Kind]
"""A step and whether it is done or undone: what a workflow has one reference for."""

WORKFLOW_BROKEN: Final = "workflow-broken"
WORKFLOW_GONE: Final = "workflow-gone"
OF_WORKFLOWS: Final = frozenset({WORKFLOW_BROKEN, WORKFLOW_GONE})
"""Codes of what no task came to: the server broke a workflow, or has it no more."""

_OPEN: Final = frozenset({"SCHEDULED", "IN_PROGRESS"})
_BROKEN: Final = frozenset({"FAILED", "TIMED_OUT", "TERMINATED"})


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal has of a saga: how many attempts at each row, and the rows settled."""

    attempts: Mapping[Row, int] = field(default_factory=Counter)
    settled: frozenset[Row] = frozenset()


def news(progress: Progress, flow: Json, known: Known) -> Iterator[Event]:
    """Yield what happened and is not known, applying each to the progress."""
    tasks = _attempts(flow)
    seen: Counter[Row] = Counter()
    for index, task in enumerate(tasks):
        row = _row(task)
        seen[row] += 1
        if row in known.settled or seen[row] <= known.attempts.get(row, 0):
            continue
        if task["status"] in _OPEN:
            return
        again = next((t for t in tasks[index + 1 :] if _row(t) == row), None)
        event = _event(progress, flow, task, again)
        if event is None:
            return
        yield event
        progress.apply(event)


def is_broken(flow: Json) -> bool:
    """Whether a workflow goes no further until it is retried."""
    return flow["status"] in _BROKEN


def last_done(flow: Json) -> Json | None:
    """Return the last task of a workflow if it was done: then the workflow broke after it."""
    last = next(reversed(_attempts(flow)), None)
    return last if last is not None and last["status"] == "COMPLETED" else None


def broken(progress: Progress, code: str, reason: str, at: datetime) -> Event:
    """Return the event with which a saga waits for people, though no step of it failed."""
    return Event(
        seq=progress.seq + 1,
        step=progress.step.name,
        kind=progress.kind,
        attempt=progress.number + 1,
        status=Status.FAILED,
        started_at=at,
        ended_at=at,
        detail=Outcome.no(Status.FAILED, code, reason).detail,
        state=State.STUCK,
    )


def is_superseded(flow: Json) -> bool:
    """Whether another workflow of this saga came first, as a participant said."""
    failures = (why_not(task) for task in _attempts(flow))
    return any(why is not None and why.code == SUPERSEDED for why in failures)


def settled_task(flow: Json, known: Known) -> Json | None:
    """Return the task at which a workflow broke, if people have settled it."""
    last = next(reversed(_attempts(flow)), None)
    return last if last is not None and _row(last) in known.settled else None


def is_overdue(flow: Json, now: datetime) -> bool:
    """Whether the server ought to have looked at a workflow: it may not for minutes."""
    tasks = [task for task in flow.get("tasks", ()) if task["status"] in _OPEN]
    return flow["status"] == "RUNNING" and all(_was_due(task) < now for task in tasks)


def _was_due(task: Json) -> datetime:
    if task["status"] == "SCHEDULED":
        return _at(task["scheduledTime"] + 1000 * (int(task.get("startDelayInSeconds") or 0) + 5))
    return _at(task["updateTime"] + 1000 * float(task.get("responseTimeoutSeconds") or 3600))


def _event(progress: Progress, flow: Json, task: Json, again: Json | None) -> Event | None:
    """Return what an attempt came to; None if the server has not decided what follows."""
    outcome = _outcome(task)
    began = _at(task.get("startTime") or task["scheduledTime"])
    ended = _at(task.get("endTime") or task["updateTime"])
    event = after(progress, outcome, began, ended)
    if outcome.status is Status.DONE:
        return event
    if again is not None or task.get("retried"):
        going = State.RUNNING if progress.kind == "do" else State.COMPENSATING
        return replace(event, state=going, due=_due(again))
    if task["status"] in {"COMPLETED", "COMPLETED_WITH_ERRORS"}:
        return replace(event, state=going_back(progress, progress.index), due=None)
    if not is_broken(flow):
        return None
    # The server is at the end of its retries. Ours may allow more: staff give a step all anew.
    goes_on = event.due is not None and outcome.status is not Status.REJECTED
    return event if goes_on else replace(event, state=State.STUCK, due=None)


def _due(task: Json | None) -> datetime | None:
    pause = 1000 * int((task or {}).get("startDelayInSeconds") or 0)
    return _at(task["scheduledTime"] + pause) if task is not None and pause else None


def _outcome(task: Json) -> Outcome:
    why = why_not(task)
    if why is not None:
        return Outcome.no(why.status, why.code, why.reason, why.fields)
    if task["status"] == "COMPLETED":
        return Outcome(Status.DONE, task.get("outputData") or {})
    reason = str(task.get("reasonForIncompletion") or "no answer came")
    return Outcome.no(Status.TIMED_OUT, "timed-out", reason)


def _attempts(flow: Json) -> Sequence[Json]:
    tasks = sorted(flow.get("tasks", ()), key=lambda task: int(task["seq"]))
    return [task for task in tasks if "kind" in (task.get("inputData") or {})]


def _row(task: Json) -> Row:
    asked: Mapping[str, Any] = task["inputData"]
    return asked["step"], asked["kind"]


def _at(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
