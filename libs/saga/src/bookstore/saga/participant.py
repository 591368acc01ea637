"""Handlers for a participant's worker: effects made safe to ask for again and again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from bookstore.kit.transaction import Transact
from bookstore.saga.inbox import Answer, HasInbox, answered, keep
from bookstore.saga.task import Handler, Output, Reject, Task

StoreT = TypeVar("StoreT", bound=HasInbox)
StartedT = TypeVar("StartedT")
ReplyT = TypeVar("ReplyT")
InputT = TypeVar("InputT")


def once(transact: Transact[StoreT], effect: Callable[[StoreT, Task], Output | Reject]) -> Handler:
    """Make a handler of an effect inside our own database, a do or an undo.

    The effect runs in one transaction with the inbox. Raising Reject rolls back what it did;
    returning Reject keeps it. An undo's effect is called whether its do took effect, was
    rejected or never came, so it acts on what is there (`store.inbox.find(task.do_key)` tells).
    """

    def unit(store: StoreT, task: Task) -> Answer:
        kept = answered(store.inbox, task)
        return kept if kept is not None else keep(store.inbox, task, effect(store, task))

    async def handle(task: Task) -> Output:
        try:
            answer = await transact(lambda store: unit(store, task))
        except Reject as rejection:
            answer = await _rejected(transact, task, rejection)
        return answer.replay()

    return handle


def outside(
    transact: Transact[StoreT],
    *,
    start: Callable[[StoreT, Task], StartedT],
    call: Callable[[Task, StartedT], Awaitable[ReplyT]],
    finish: Callable[[StoreT, Task, ReplyT], Output | Reject],
    revoke: Callable[[Task], Awaitable[None]] | None = None,
) -> Handler:
    """Make a handler of an effect outside our database, a do or an undo, in three parts.

    `start` commits that the attempt is under way and until when; `call` asks the world, with
    the do's key as its idempotency key; `finish` commits what came of it. `start` and `finish`
    may reject as in `once`. A do that meets a tombstone after its call takes back what it did by
    `revoke` before it rejects. An undo's tombstone is committed together with its `start`, so
    it stands before the world is asked, and the undo is answered only after its `finish`.
    """

    def first(store: StoreT, task: Task) -> Answer | _Started[StartedT]:
        kept = answered(store.inbox, task)
        return kept if kept is not None else _Started(start(store, task))

    def last(store: StoreT, task: Task, reply: ReplyT) -> Answer:
        kept = answered(store.inbox, task)
        return kept if kept is not None else keep(store.inbox, task, finish(store, task, reply))

    async def handle(task: Task) -> Output:
        try:
            begun = await transact(lambda store: first(store, task))
            if isinstance(begun, Answer):
                return begun.replay()
            reply = await call(task, begun.value)
            answer = await transact(lambda store: last(store, task, reply))
        except Reject as rejection:
            answer = await _rejected(transact, task, rejection)
        if answer.is_tombstone and task.kind == "do" and revoke is not None:
            await revoke(task)
        return answer.replay()

    return handle


def decoded(task: Task, kind: type[InputT]) -> InputT:
    """Return the task's input as a dataclass or struct; raises Reject if it is not one.

    What cannot be decoded today cannot be decoded tomorrow: it is a rejection, never a loop.
    """
    try:
        return msgspec.convert(task.input, kind)
    except msgspec.ValidationError as error:
        raise Reject("malformed-task", f"{task.step}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Started(Generic[StartedT]):
    """Tells what `start` returned from an answer."""

    value: StartedT


async def _rejected(transact: Transact[StoreT], task: Task, rejection: Reject) -> Answer:
    """Keep a rejection whose unit was rolled back, unless the task was answered meanwhile."""
    if task.kind == "undo":
        raise rejection

    def unit(store: StoreT) -> Answer:
        return answered(store.inbox, task) or keep(store.inbox, task, rejection)

    return await transact(unit)
