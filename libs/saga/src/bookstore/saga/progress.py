"""How far a saga has come: what its events add up to.

An event is the end of one attempt, or what staff did in its place; the next attempt is implied
by it, so one durable write ends a step and starts another. `Progress` is folded from events
and from nothing else, so a saga read back after a crash stands where it stood.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bookstore.saga.ports import GOING, Attempt, State, Status
from bookstore.saga.spec import Retry, Saga, Step
from bookstore.saga.task import UNKNOWN, Kind

_STAFF = frozenset({Status.RETRIED, Status.SETTLED, Status.ABANDONED})
_PASSED = frozenset({Status.DONE, Status.SETTLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, and how the saga stands from then on.

    `detail` is the output of what is done, `{code, reason, fields}` of what is not, and
    `{by, reason, then?}` of what staff did. `due` is when the next attempt may start, if not at
    once.
    """

    seq: int
    step: str
    kind: Kind
    attempt: int
    status: Status
    started_at: datetime
    ended_at: datetime
    detail: Mapping[str, Any]
    state: State
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a saga turned round."""

    step: str
    code: str
    reason: str
    fields: tuple[Mapping[str, Any], ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Progress:
    """A saga under way: where it stands, which way it goes and what it has learnt.

    `tries` and `since` count from where the step was come to or staff had it retried; `number`
    goes on counting, so that no two lines of a timeline look alike. `again` counts how often
    staff had the step asked afresh after it was rejected.
    """

    saga_id: str
    saga: Saga
    input: Mapping[str, Any]
    workflow_id: str
    traceparent: str | None
    state: State = State.REQUESTED
    kind: Kind = "do"
    index: int = 0
    seq: int = 0
    number: int = 0
    tries: int = 0
    again: int = 0
    rejected: bool = False
    since: datetime | None = None
    due: datetime | None = None
    failure: Failure | None = None
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def step(self) -> Step:
        """The step it stands at."""
        return self.saga.steps[self.index]

    @property
    def task(self) -> str:
        """The name of the task that comes next."""
        step = self.step
        return step.do if self.kind == "do" else step.undo or ""

    @property
    def timeout(self) -> float:
        """How long the next attempt may take, in seconds."""
        return self.step.timeout if self.kind == "do" else self.step.undo_timeout

    @property
    def retry(self) -> Retry:
        """How often the next task is tried."""
        return self.saga.retry(self.index) if self.kind == "do" else self.step.undo_retry

    def task_input(self) -> dict[str, Any]:
        """Return the input of the next task; raises UnresolvedError."""
        parsed = self.saga.inputs if self.kind == "do" else self.saga.undo_inputs
        resolved: dict[str, Any] = {
            target: reference.resolve(self.input, self.outputs)
            for target, reference in parsed[self.step.name].items()
        }
        if self.failure is not None:
            resolved["failed_step"] = self.failure.step
            resolved["code"] = self.failure.code
            resolved["reason"] = self.failure.reason
            resolved["fields"] = self.failure.fields
        return resolved

    def undo_from(self, index: int) -> int:
        """Return the next step to undo, from this one down; -1 if none is left."""
        steps = self.saga.steps
        return next((i for i in range(index, -1, -1) if steps[i].can_be_undone), -1)

    def apply(self, event: Event) -> None:
        """Let an event have happened."""
        self.seq, self.state, self.due = event.seq, event.state, event.due
        if event.status in _PASSED:
            self._pass(event)
        elif event.status == Status.RETRIED:
            self.again += self.rejected
            self._try_afresh()
        elif event.kind == "do" and event.state in (State.COMPENSATING, State.COMPENSATED):
            self._turn_round(event)
        elif event.status not in _STAFF:
            self.number = event.attempt
            self.rejected = event.status == Status.REJECTED
            self.tries += 1
            self.since = self.since or event.started_at

    def _pass(self, event: Event) -> None:
        if self.kind == "do":
            self.outputs[event.step] = event.detail if event.status == Status.DONE else {}
            self._stand_at(self.index + 1)
        else:
            self._stand_at(self.undo_from(self.index - 1))

    def _turn_round(self, event: Event) -> None:
        if event.status == Status.ABANDONED:
            return
        code = event.detail["code"] if event.status == Status.REJECTED else UNKNOWN
        self.failure = Failure(
            event.step, code, event.detail["reason"], tuple(event.detail["fields"])
        )
        self.kind = "undo"
        self._stand_at(self.undo_from(self.index))

    def _stand_at(self, index: int) -> None:
        self.index = index
        self.number = 0
        self.again = 0
        self._try_afresh()

    def _try_afresh(self) -> None:
        self.tries = 0
        self.rejected = False
        self.since = None


def standing(saga: Saga, event: Event) -> str:
    """Return the name of the step at which an event left a saga that goes on."""
    index = next(i for i, step in enumerate(saga.steps) if step.name == event.step)
    progress = Progress(
        saga_id="",
        saga=saga,
        input={},
        workflow_id="",
        traceparent=None,
        kind=event.kind,
        index=index,
    )
    progress.apply(event)
    return progress.step.name


def timeline(
    progress: Progress | None, events: Iterable[Event], now: datetime
) -> tuple[Attempt, ...]:
    """Return what was attempted and, where it goes on, what is being attempted now."""
    lines = [_line(event) for event in events]
    if progress is not None and progress.state in GOING and lines:
        began = progress.due or lines[-1].ended_at or now
        status = Status.WAITING if began > now else Status.RUNNING
        lines.append(
            Attempt(
                progress.step.name, progress.kind, progress.number + 1, status, began, None, None
            )
        )
    return tuple(lines)


def _line(event: Event) -> Attempt:
    detail = event.detail
    error: str | None = None
    if event.status in _STAFF:
        error = f"{detail['by']}: {detail['reason']}"
        if "then" in detail:
            error += f" (abandoned as it stood: {detail['then']} puts it right)"
    elif event.status != Status.DONE:
        error = detail["code"]
    return Attempt(
        event.step,
        event.kind,
        event.attempt,
        event.status,
        event.started_at,
        event.ended_at,
        error,
    )
