"""The rules: what follows from the end of an attempt, and from what staff decide.

Pure functions from where a saga stands to its next event; nothing is changed here.

    done        forward: the next step, or the end      back: the next undo, or the end
    rejected    up to the pivot: turn round             after it, or of an undo: stuck
    failed      again after a pause, while the retries allow it; then
                up to the pivot: turn round, the failed step first, as it may have happened
                after it, or of an undo: stuck
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bookstore.saga.ports import State, Status
from bookstore.saga.progress import Event, Progress


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: with an output, with a rejection or with trouble."""

    status: Status
    detail: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def no(cls, status: Status, code: str, reason: str, fields: tuple[Any, ...] = ()) -> "Outcome":
        """Make the outcome of an attempt that did not succeed."""
        return cls(status, {"code": code, "reason": reason, "fields": fields})


def after(progress: Progress, outcome: Outcome, started_at: datetime, ended_at: datetime) -> Event:
    """Return the event with which an attempt ends."""
    state, pause = _next(progress, outcome.status, ended_at - (progress.since or started_at))
    return Event(
        seq=progress.seq + 1,
        step=progress.step.name,
        kind=progress.kind,
        attempt=progress.number + 1,
        status=outcome.status,
        started_at=started_at,
        ended_at=ended_at,
        detail=outcome.detail,
        state=state,
        due=None if pause is None else ended_at + pause,
    )


def by_staff(  # noqa: PLR0913 — who did what, when and why
    progress: Progress,
    *,
    status: Status,
    by: str,
    reason: str,
    at: datetime,
    then: str | None = None,
) -> Event:
    """Return the event with which staff move a stuck saga: RETRIED, SETTLED or ABANDONED.

    `then` names the saga that puts right what an abandoned one has done: its end is COMPENSATED
    all the same, since nobody has to look at it any longer.
    """
    states = {
        Status.RETRIED: State.RUNNING if progress.kind == "do" else State.COMPENSATING,
        Status.SETTLED: _passed(progress),
        Status.ABANDONED: State.COMPENSATED,
    }
    return Event(
        seq=progress.seq + 1,
        step=progress.step.name,
        kind=progress.kind,
        attempt=progress.number,
        status=status,
        started_at=at,
        ended_at=at,
        detail={"by": by, "reason": reason} | ({} if then is None else {"then": then}),
        state=states[status],
    )


def _next(progress: Progress, status: Status, age: timedelta) -> tuple[State, timedelta | None]:
    if status == Status.DONE:
        return _passed(progress), None
    tries = progress.tries + 1
    if status != Status.REJECTED and progress.retry.allows(tries, age):
        going = State.RUNNING if progress.kind == "do" else State.COMPENSATING
        return going, progress.retry.pause(tries)
    if progress.kind == "undo" or not _may_turn(progress, status):
        return State.STUCK, None
    return going_back(progress, progress.index), None


def _passed(progress: Progress) -> State:
    if progress.kind == "undo":
        return going_back(progress, progress.index - 1)
    last = progress.index == len(progress.saga.steps) - 1
    return State.COMPLETED if last else State.RUNNING


def going_back(progress: Progress, index: int) -> State:
    """Return how a saga stands once it goes back from this step."""
    return State.COMPENSATED if progress.undo_from(index) < 0 else State.COMPENSATING


def _may_turn(progress: Progress, status: Status) -> bool:
    """Whether failing here can be made good: not once the pivot has, or may have, happened."""
    if progress.index == progress.saga.pivot and not progress.step.can_be_undone:
        return status == Status.REJECTED
    return progress.index <= progress.saga.pivot
