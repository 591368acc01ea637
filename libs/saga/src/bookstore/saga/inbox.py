"""Doing each task once: a participant's inbox, its answers and its tombstones.

The answer to a task is kept under the task's key in the transaction of the effect, rejections
too, and replayed to whoever asks again. An undo that comes before its do leaves a tombstone
under the do's key, which is nothing but a rejection: the late do is answered with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bookstore.kit.errors import ContendedError
from bookstore.saga.task import Output, Reject, Task

UNDONE = "undone"
SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, an output or a rejection, and to which of twin workflows."""

    workflow_id: str
    output: Output | None = None
    code: str = ""
    reason: str = ""
    fields: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_tombstone(self) -> bool:
        """Whether it was left by an undo which found nothing done."""
        return self.output is None and self.code == UNDONE

    def replay(self) -> Output:
        """Return the output, or raise the rejection again."""
        if self.output is None:
            raise Reject(self.code, self.reason, self.fields)
        return self.output


class AnsweredMeanwhileError(ContendedError):
    """A twin of the task was answered first; asked again, its answer is replayed."""

    code = "answered-meanwhile"


class Inbox(Protocol):
    """The answers of a participant, within one transaction."""

    def find(self, key: str) -> Answer | None:
        """Return the answer kept under a task's key."""
        ...

    def keep(self, key: str, answer: Answer) -> None:
        """Keep an answer; raises AnsweredMeanwhileError if there is one already."""
        ...

    def forget(self, before: str, most: int) -> int:
        """Delete up to so many answers under the keys that sort before; return how many."""
        ...


class HasInbox(Protocol):
    """A store whose transactions include the inbox."""

    @property
    def inbox(self) -> Inbox:
        """The inbox, as this transaction sees it."""
        ...


def answered(inbox: Inbox, task: Task) -> Answer | None:
    """Return the answer that already stands, or None if the task is to be done now.

    For an undo that finds nothing done this leaves the tombstone.
    """
    kept = inbox.find(task.key)
    if task.kind == "do":
        if kept is not None and kept.workflow_id != task.workflow_id:
            return _superseded(task)
        return kept
    if kept is None:
        done = inbox.find(task.do_key)
        if done is None:
            inbox.keep(task.do_key, _tombstone(task))
        elif done.workflow_id != task.workflow_id:
            return Answer(task.workflow_id, output={})
    return kept


def keep(inbox: Inbox, task: Task, outcome: Output | Reject) -> Answer:
    """Keep what came of a task as its answer."""
    if isinstance(outcome, Reject):
        answer = Answer(
            task.workflow_id, code=outcome.code, reason=outcome.reason, fields=outcome.fields
        )
    else:
        answer = Answer(task.workflow_id, output=outcome)
    inbox.keep(task.key, answer)
    return answer


def _tombstone(task: Task) -> Answer:
    return Answer(task.workflow_id, code=UNDONE, reason=f"{task.step} was undone before it came")


def _superseded(task: Task) -> Answer:
    return Answer(
        task.workflow_id, code=SUPERSEDED, reason="another workflow of this saga came first"
    )
