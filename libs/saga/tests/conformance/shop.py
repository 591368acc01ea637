"""Participants with a ledger, which fail as they are told to.

They keep their word as real ones do, with an inbox in their own database; what a `Fault` says
happens on the way to them or back. The ledger outlives every engine.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, insert, select

from bookstore.kit.database import Database, Session, prepare
from bookstore.saga.participant import once
from bookstore.saga.sql_inbox import SqlInbox, inbox_table
from bookstore.saga.task import Handler, Kind, Output, Reject, Task

TABLES = MetaData()
INBOX = inbox_table(TABLES)
EFFECT = Table(
    "effect",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("saga_id", String(64)),
    Column("step", String(64)),
    Column("kind", String(4)),
)
_ADD = prepare(
    insert(EFFECT).values(
        saga_id=bindparam("saga_id"), step=bindparam("step"), kind=bindparam("kind")
    )
)
_OF = prepare(
    select(EFFECT.c.step, EFFECT.c.kind)
    .where(EFFECT.c.saga_id == bindparam("saga_id"))
    .order_by(EFFECT.c.id)
)


class Fault(StrEnum):
    """What goes wrong with one delivery of a task."""

    FAIL = "fails before it does anything"
    FAIL_AFTER = "fails although it did it"
    REJECT = "rejects"
    LOSE = "never comes"
    LOSE_ANSWER = "is done, but the answer is lost"
    TWICE = "is delivered twice at once"
    LATE = "arrives after its undo"
    PARK = "is not begun before the test says so"
    PARK_AFTER = "is done, but not answered before the test says so"
    KILL = "the engine is killed before it is done"
    KILL_AFTER = "the engine is killed after it was done"


class Store:
    def __init__(self, session: Session) -> None:
        self._session = session
        self.inbox = SqlInbox(session, INBOX)

    def add(self, task: Task) -> None:
        self._session.run(_ADD, saga_id=task.saga_id, step=task.step, kind=task.kind)

    def effects(self, saga_id: str) -> list[tuple[str, Kind]]:
        return [(row.step, row.kind) for row in self._session.run(_OF, saga_id=saga_id)]


@dataclass(eq=False)
class Shop:
    """All participants. `script` has the faults of each (step, kind), one per delivery."""

    database: Database
    script: dict[tuple[str, Kind], list[Fault]] = field(default_factory=dict)
    happened: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    tasks_seen: list[Task] = field(default_factory=list)
    undone: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    stray: list[asyncio.Task[Output]] = field(default_factory=list)
    kill: Callable[[], None] = lambda: None
    parked: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    cancel_requested: bool = False

    def __post_init__(self) -> None:
        self._transact = self.database.transact(Store)
        self._once = once(self._transact, self._effect)

    def handlers(self, *names: str) -> Mapping[str, Handler]:
        return {f"shop.{prefix}{name}": self.deliver for name in names for prefix in ("", "un")}

    async def effects(self, saga_id: str) -> Counter[tuple[str, Kind]]:
        return Counter(await self._transact(lambda store: store.effects(saga_id)))

    async def order_of_effects(self, saga_id: str) -> list[tuple[str, Kind]]:
        return await self._transact(lambda store: store.effects(saga_id))

    async def cancel(self, saga_id: str) -> bool:
        """Ask for the cancellation, which the steps `place` and `mark` look for."""

        def unit(store: Store) -> bool:
            if ("mark", "do") in store.effects(saga_id):
                return False
            self.cancel_requested = True
            return True

        return await self._transact(unit)

    def _effect(self, store: Store, task: Task) -> Output | Reject:
        if task.kind == "do":
            if self.cancel_requested and task.step in ("place", "mark"):
                raise Reject("cancelled", "the order was cancelled")
            store.add(task)
            self.happened.add(task.step)
            return {"receipt": f"r-{task.step}"}
        done = store.inbox.find(task.do_key)
        if done is not None and done.output is not None:
            store.add(task)
        return {}

    async def deliver(self, task: Task) -> Output:
        self.tasks_seen.append(task)
        faults = self.script.get((task.step, task.kind), [])
        output = await self._with(faults.pop(0) if faults else None, task)
        if task.kind == "undo":
            self.undone[task.do_key].set()
        return output

    async def _with(self, fault: Fault | None, task: Task) -> Output:
        if fault is None:
            return await self._once(task)
        return await _FAULTS[fault](self, task)

    async def fail(self, task: Task) -> Output:
        raise OSError(f"no way to {task.step}")

    async def fail_after(self, task: Task) -> Output:
        await self._once(task)
        raise OSError(f"{task.step} broke down")

    async def reject(self, task: Task) -> Output:
        self.refused.add(task.step)

        def no(_store: Store, task: Task) -> Output:
            raise Reject("no", f"{task.step} is not to be had", [{"available": 3}])

        return await once(self._transact, no)(task)

    async def lose(self, _task: Task) -> Output:
        never: asyncio.Future[Output] = asyncio.get_running_loop().create_future()
        return await never

    async def lose_answer(self, task: Task) -> Output:
        await self._once(task)
        return await self.lose(task)

    async def twice(self, task: Task) -> Output:
        first, second = await asyncio.gather(self._once(task), self._once(task))
        assert first == second
        return first

    async def late(self, task: Task) -> Output:
        async def arrive() -> Output:
            await self.undone[task.do_key].wait()
            return await self._once(task)

        self.stray.append(asyncio.create_task(arrive()))
        return await self.lose(task)

    async def park(self, task: Task) -> Output:
        self.parked.set()
        await self.released.wait()
        return await self._once(task)

    async def park_after(self, task: Task) -> Output:
        output = await self._once(task)
        self.parked.set()
        await self.released.wait()
        return output

    async def die_with_engine(self, task: Task) -> Output:
        self.kill()
        return await self.lose(task)

    async def die_with_engine_after(self, task: Task) -> Output:
        await self._once(task)
        self.kill()
        return await self.lose(task)


_FAULTS: dict[Fault, Callable[[Shop, Task], Awaitable[Output]]] = {
    Fault.FAIL: Shop.fail,
    Fault.FAIL_AFTER: Shop.fail_after,
    Fault.REJECT: Shop.reject,
    Fault.LOSE: Shop.lose,
    Fault.LOSE_ANSWER: Shop.lose_answer,
    Fault.TWICE: Shop.twice,
    Fault.LATE: Shop.late,
    Fault.PARK: Shop.park,
    Fault.PARK_AFTER: Shop.park_after,
    Fault.KILL: Shop.die_with_engine,
    Fault.KILL_AFTER: Shop.die_with_engine_after,
}
