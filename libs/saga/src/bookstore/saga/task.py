"""What a saga asks of a participant, and what it may answer.

A participant's handler is called at least once for each task, perhaps again after a crash, a
lost answer or a timeout, perhaps after its own undo: `key` is what makes it once in effect.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Kind = Literal["do", "undo"]

UNKNOWN = "unknown"
"""The `code` which an undo is given when the failed step's outcome could not be learnt."""

_FAR_AWAY = datetime.max.replace(tzinfo=UTC)


def do_key(saga_id: str, step: str) -> str:
    """Return the key under which a step is done once."""
    return f"{saga_id}:{step}"


def undo_key(saga_id: str, step: str) -> str:
    """Return the key under which a step is undone once."""
    return f"{saga_id}:{step}:undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One attempt at a step.

    `input` is JSON; an undo's has the step's own, its `undo_input`, and `failed_step`, `code`,
    `reason` and `fields`, which say why. Until `deadline` the engine waits for the answer. A
    saga that was started twice is told apart by its `workflow_id`; `traceparent` (W3C Trace
    Context) is that of the request which began it. `again` counts how often staff have had a
    rejected step asked afresh: a rejection is kept under its key, so each time has a new one.
    (What is merely unknown keeps its key, lest it happen twice.)
    """

    saga_id: str
    step: str
    kind: Kind = "do"
    input: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1
    deadline: datetime = _FAR_AWAY
    workflow_id: str = ""
    traceparent: str | None = None
    again: int = 0

    @property
    def key(self) -> str:
        """Under which this task takes effect once."""
        key = (do_key if self.kind == "do" else undo_key)(self.saga_id, self.step)
        return f"{key}:again-{self.again}" if self.again else key

    @property
    def do_key(self) -> str:
        """Under which the step is done, or would have been: what an undo looks for."""
        return self.key if self.kind == "do" else do_key(self.saga_id, self.step)


class Reject(Exception):  # noqa: N818 — a definite answer, no error
    """A definite no of the business: it is not asked again, what was done is undone.

    Raise it, and the unit of work is rolled back first; return it, and what the unit did is
    kept. `fields` are JSON objects with figures for whoever has to explain the no. An undo
    never rejects: one that does leaves the saga stuck.
    """

    def __init__(self, code: str, reason: str, fields: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.fields = tuple(fields)


Output = Mapping[str, Any]
Handler = Callable[[Task], Awaitable[Output]]
"""Does a task and returns what later steps may refer to; raises Reject.

Whatever else it raises is transient: the engine asks again, as the step's retries say.
"""
