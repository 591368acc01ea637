"""What only the embedded engine promises: fencing, waiting, and what staff may do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Self

import pytest
from sqlalchemy import update

from bookstore.kit.clock import Clock, FakeClock
from bookstore.kit.database import Database, Hold, Session, open_database, prepare
from bookstore.kit.errors import StorageFullError
from bookstore.kit.transaction import ResultT, StoreT, Transact
from bookstore.saga.engine import EmbeddedEngine
from bookstore.saga.journal import FencedError
from bookstore.saga.observer import Observer
from bookstore.saga.ports import (
    UNSUCCESSFUL,
    SagaNotFoundError,
    SagaNotStuckError,
    SagaRequest,
    State,
    Status,
)
from bookstore.saga.registry import Sagas, UnknownSagaError
from bookstore.saga.spec import NOTHING, Retry, Saga, Step
from bookstore.saga.store import SqlSagas
from bookstore.saga.tables import SAGA
from bookstore.saga.task import Handler, Kind, Output, Task
from libs.saga.tests.conformance.embedded import ALL, HERE, Embedded, embedded
from libs.saga.tests.conformance.sagas import CHECKOUT_2, ORDER, QUICK
from libs.saga.tests.conformance.shop import Fault

ONE = Saga("one", 1, (Step("only", "shop.only", NOTHING, ORDER, pivot=True, retry=QUICK),))


@pytest.fixture
async def engine() -> AsyncIterator[Embedded]:
    async with embedded() as driver:
        yield driver


@pytest.fixture
def database() -> Iterator[Database]:
    with open_database("sqlite://", HERE / "engine_migrations") as database:
        yield database


class OneStep:
    """An engine for sagas of one step, over the driver's database."""

    def __init__(  # noqa: PLR0913 — a test names what matters to it
        self,
        database: Database,
        handler: Handler,
        *,
        saga: Saga = ONE,
        at_once: int = 9,
        clock: Clock | None = None,
        observer: Observer | None = None,
    ) -> None:
        sagas = Sagas(saga)
        self.engine = EmbeddedEngine(
            database, sagas, at_once=at_once, clock=clock, observer=observer
        )
        self._tasks = dict.fromkeys(saga.tasks, handler)
        self._ask = database.transact(lambda session: SqlSagas(session, sagas, clock))
        self._input = {"order_id": "o1"}

    async def __aenter__(self) -> Self:
        self.run = asyncio.create_task(self.engine.run(self._tasks))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.run.cancel()
        await asyncio.wait({self.run})

    async def ask(self, saga_id: str = "s1", **given: object) -> None:
        request = SagaRequest(
            name="one", saga_id=saga_id, subject="o1", input={**self._input, **given}
        )
        await self._ask(lambda sagas: sagas.request(request))

    async def ended(self, saga_id: str = "s1") -> State:
        async with asyncio.timeout(10):
            return await self.engine.ended(saga_id)

    async def statuses(self, saga_id: str = "s1") -> list[Status]:
        view = await self._ask(lambda sagas: sagas.find(saga_id))
        assert view is not None
        return [line.status for line in view.timeline]

    async def comes_to(self, statuses: list[Status]) -> None:
        """Wait for lines of the timeline, of which nobody is told."""
        async with asyncio.timeout(10):
            while await self.statuses() != statuses:  # noqa: ASYNC110 — see above
                await asyncio.sleep(0.001)


async def nothing(_task: Task) -> Output:
    return {}


def failing(*errors: BaseException) -> Handler:
    left = list(errors)

    async def handler(_task: Task) -> Output:
        if left:
            raise left.pop(0)
        return {}

    return handler


async def test_an_engine_without_all_handlers_does_not_start(database: Database) -> None:
    with pytest.raises(ValueError, match=r"no handler for shop\.only"):
        await EmbeddedEngine(database, Sagas(ONE)).run({})


async def test_an_engine_that_does_not_know_an_open_saga_does_not_start(
    engine: Embedded,
) -> None:
    await engine.stop()
    await engine.restart(Sagas(CHECKOUT_2))
    engine.shop.script["place", "do"] = [Fault.KILL]
    await engine.start("s1")
    await asyncio.sleep(0.01)

    with pytest.raises(UnknownSagaError, match="checkout version 2"):
        await EmbeddedEngine(engine.database, Sagas(ONE)).run({"shop.only": nothing})


async def test_a_loser_writes_nothing_more(engine: Embedded) -> None:
    engine.shop.script["pay", "do"] = [Fault.LOSE_ANSWER]
    await engine.start("s1")
    loser = engine.engine
    running = engine.running
    assert running is not None
    winner = EmbeddedEngine(engine.database, engine.sagas)
    other = asyncio.create_task(winner.run(engine.shop.handlers(*ALL)))

    async with asyncio.timeout(10):
        assert await winner.ended("s1") == State.COMPLETED
        with pytest.raises(FencedError):
            await running
    with pytest.raises(SagaNotStuckError):
        await loser.retry("s1", by="ann")
    other.cancel()
    assert set((await engine.shop.effects("s1")).values()) == {1}


async def test_a_full_disk_at_a_participant_uses_up_no_attempt(database: Database) -> None:
    full = [StorageFullError("full") for _ in range(2)]
    async with OneStep(database, failing(*full)) as one:
        await one.ask()

        assert await one.ended() == State.COMPLETED
        assert await one.statuses() == [Status.DONE]


class FullDisk(Database):
    """A database which cannot be written for a while."""

    def __init__(self, database: Database, times: int) -> None:
        self._database = database
        self.times = times

    def transact(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        write = self._database.transact(store)

        async def transact(work: Callable[[StoreT], ResultT]) -> ResultT:
            if self.times:
                self.times -= 1
                raise StorageFullError("full")
            return await write(work)

        return transact

    def read(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        return self._database.read(store)

    def glance(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        return self._database.glance(store)

    def alone(self, what: str, /) -> AbstractAsyncContextManager[Hold]:
        return self._database.alone(what)


async def test_a_full_disk_of_the_engine_is_waited_out(database: Database) -> None:
    disk = FullDisk(database, 0)
    async with OneStep(disk, nothing) as one:
        await one.ask()
        await asyncio.sleep(0)
        disk.times = 2

        assert await one.ended() == State.COMPLETED
        assert disk.times == 0
        assert await one.statuses() == [Status.DONE]


async def test_a_handler_that_cancels_itself_or_talks_nonsense_is_tried_again(
    database: Database,
) -> None:
    async def nonsense(task: Task) -> Output:
        if task.attempt == 1:
            raise asyncio.CancelledError
        if task.attempt == 2:
            raise TimeoutError
        return {"when": object()}

    async with OneStep(database, nonsense) as one:
        await one.ask()

        assert await one.ended() == State.STUCK
        assert await one.statuses() == [Status.FAILED] * 3


async def test_a_step_whose_input_was_never_given_is_rejected(database: Database) -> None:
    saga = Saga(
        "one", 1, (Step("only", "shop.only", NOTHING, {"a": "input.missing"}, pivot=True),)
    )
    async with OneStep(database, nothing, saga=saga) as one:
        await one.ask()

        assert await one.ended() == State.COMPENSATED
        assert await one.statuses() == [Status.REJECTED]


async def test_nobody_waits_for_a_saga_that_does_not_exist(engine: Embedded) -> None:
    with pytest.raises(SagaNotFoundError):
        await engine.engine.ended("nowhere")


async def test_everybody_hears_of_the_end_even_afterwards(engine: Embedded) -> None:
    await engine.start("s1")

    assert (
        await asyncio.gather(*(engine.engine.ended("s1") for _ in range(3)))
        == [State.COMPLETED] * 3
    )
    assert await engine.engine.ended("s1") == State.COMPLETED


async def test_whoever_stops_waiting_stops_nothing(engine: Embedded) -> None:
    engine.shop.script["pay", "do"] = [Fault.LOSE]
    await engine.start("s1")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(engine.engine.ended("s1"), 0.01)

    assert await engine.engine.ended("s1") == State.COMPLETED


async def test_whoever_stops_waiting_at_the_very_end_stops_nothing(database: Database) -> None:
    class Leaving(Observer):
        def attempted(self, *_: object) -> None: ...

        def came_to(self, *_: object) -> None:
            impatient.cancel()

    async with OneStep(database, nothing, observer=Leaving()) as one:
        await one.ask()
        impatient = asyncio.create_task(one.ended())
        assert await one.ended() == State.COMPLETED

    assert impatient.cancelled()


async def test_a_call_for_a_saga_that_is_not_there_is_passed_over(database: Database) -> None:
    async with OneStep(database, nothing) as one:
        one.engine.wake("nowhere")
        await one.ask()

        assert await one.ended() == State.COMPLETED


async def test_a_list_says_where_each_saga_stands_and_why(engine: Embedded) -> None:
    engine.shop.script["capture", "do"] = [Fault.REJECT]
    for saga_id in ("s1", "s2"):
        await engine.start(saga_id)
        await engine.end(saga_id)

    stuck, whole = await engine.listed()

    assert (stuck.state, stuck.step, stuck.error) == (State.STUCK, "capture", "no")
    assert (whole.state, whole.step, whole.error) == (State.COMPLETED, "confirm", None)


@pytest.mark.parametrize("written", range(1, 11))
async def test_a_list_agrees_with_the_timeline_wherever_a_saga_stands(
    engine: Embedded, written: int
) -> None:
    """The engine dies after so many writes of a saga that turns round after some trouble."""
    engine.shop.script["pay", "do"] = [Fault.FAIL]
    engine.shop.script["reserve", "do"] = [Fault.REJECT]
    engine.shop.script["pay", "undo"] = [Fault.FAIL]
    engine.database.deadly, engine.database.kept = engine.database.written + written, True
    await engine.start("s1")
    assert engine.running is not None
    await asyncio.wait({engine.running}, timeout=10)

    (listed,) = await engine.listed()

    view = await engine.view("s1")
    errors = [line.error for line in view.timeline if line.status in UNSUCCESSFUL]
    assert (listed.state, listed.step) == (view.state, view.timeline[-1].step)
    assert listed.error == (errors[-1] if errors else None)


async def test_only_a_stuck_saga_is_moved_by_staff(engine: Embedded) -> None:
    await engine.start("s1")
    await engine.end("s1")

    for move in (engine.engine.settle, engine.engine.abandon):
        with pytest.raises(SagaNotStuckError):
            await move("s1", by="ann", reason="because")
    with pytest.raises(SagaNotFoundError):
        await engine.engine.retry("nowhere", by="ann")


async def test_all_stuck_sagas_are_retried_at_once(engine: Embedded) -> None:
    engine.shop.script["capture", "do"] = [Fault.FAIL] * 6
    for saga_id in ("s1", "s2"):
        await engine.start(saga_id)
        assert await engine.end(saga_id) == State.STUCK
    await engine.start("s3")
    await engine.end("s3")

    assert (await engine.engine.figures())[State.STUCK][0] == 2
    assert await engine.engine.retry_all(by="ann") == 2

    for saga_id in ("s1", "s2"):
        assert await engine.end(saga_id) == State.COMPLETED
    assert await engine.engine.figures() == {}


async def test_what_staff_settle_counts_as_done(engine: Embedded) -> None:
    engine.shop.script["capture", "do"] = [Fault.REJECT]
    await engine.start("s1")
    await engine.end("s1")

    await engine.engine.settle("s1", by="ann", reason="paid in cash")

    assert await engine.end("s1") == State.COMPLETED
    effects = await engine.shop.effects("s1")
    assert (effects["capture", "do"], effects["confirm", "do"]) == (0, 1)
    settled = (await engine.view("s1")).timeline[-2]
    assert (settled.status, settled.error) == (Status.SETTLED, "ann: paid in cash")


async def test_an_abandoned_saga_ends_and_another_cleans_up(engine: Embedded) -> None:
    engine.shop.script["capture", "do"] = [Fault.REJECT]
    await engine.start("s1")
    await engine.end("s1")
    then = SagaRequest(name="take_back", saga_id="s2", subject="o1", input={"order_id": "o1"})

    await engine.engine.abandon("s1", by="ann", reason="expired", then=then)

    assert await engine.end("s2") == State.COMPLETED
    assert await engine.end("s1") == State.COMPENSATED
    last = (await engine.view("s1")).timeline[-1]
    assert (last.step, last.status) == ("capture", Status.ABANDONED)
    assert last.error == "ann: expired (abandoned as it stood: take_back puts it right)"
    assert (await engine.shop.effects("s1"))["confirm", "do"] == 0


async def test_a_saga_is_abandoned_only_together_with_what_follows(engine: Embedded) -> None:
    engine.shop.script["capture", "do"] = [Fault.REJECT]
    await engine.start("s1")
    await engine.end("s1")
    then = SagaRequest(name="unheard_of", saga_id="s2", subject="o1", input={})

    with pytest.raises(UnknownSagaError):
        await engine.engine.abandon("s1", by="ann", reason="expired", then=then)

    assert (await engine.view("s1")).state == State.STUCK


async def test_so_many_sagas_are_driven_at_once_and_no_more(database: Database) -> None:
    busy: list[int] = [0]

    async def count(_task: Task) -> Output:
        busy.append(busy[-1] + 1)
        await asyncio.sleep(0.001)
        busy.append(busy[-1] - 1)
        return {}

    async with OneStep(database, count, at_once=2) as one:
        for number in range(7):
            await one.ask(f"s{number}")
        await asyncio.gather(*(one.ended(f"s{number}") for number in range(7)))

    assert max(busy) == 2


async def test_a_saga_that_waits_for_its_retry_is_in_nobodys_way(database: Database) -> None:
    slow = Retry(attempts=2, first=30.0, longest=30.0)
    saga = Saga("one", 1, (Step("only", "shop.only", NOTHING, ORDER, pivot=True, retry=slow),))
    async with OneStep(database, failing(OSError()), saga=saga, at_once=1) as one:
        await one.ask("s1")
        one.engine.wake("s1")
        await one.ask("s2")

        assert await one.ended("s2") == State.COMPLETED
        assert await one.statuses("s1") == [Status.FAILED, Status.WAITING]


async def test_a_clock_set_back_prolongs_no_retry_beyond_its_longest(database: Database) -> None:
    ahead = FakeClock(datetime.now(UTC) + timedelta(days=1))
    first = OneStep(database, failing(OSError()), clock=ahead)
    async with first:
        await first.ask()
        first.engine.wake("s1")
        await first.comes_to([Status.FAILED, Status.WAITING])
    async with OneStep(database, nothing) as one:
        assert await one.ended() == State.COMPLETED


async def test_a_database_that_cannot_be_read_is_looked_at_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookstore.saga.engine._LONGEST_PAUSE", 0.01)
    reads = [OSError("no disk")]
    find = SqlSagas.progress

    def broken(self: SqlSagas, saga_id: str) -> object:
        if reads:
            raise reads.pop()
        return find(self, saga_id)

    async with OneStep(database, nothing) as one:
        await one.ask("s0")
        await one.ended("s0")
        await one.ask()
        monkeypatch.setattr(SqlSagas, "progress", broken)
        one.engine.wake("s1")

        assert await one.ended() == State.COMPLETED


async def test_a_saga_that_ends_while_it_is_looked_at_is_shown_as_it_ended(
    database: Database,
) -> None:
    going_on = prepare(update(SAGA).values(state=State.RUNNING.value))
    async with OneStep(database, nothing) as one:
        await one.ask()
        assert await one.ended() == State.COMPLETED
        await database.transact(lambda session: session)(lambda session: session.run(going_on))

        view, (summary,) = await database.read(lambda session: SqlSagas(session, Sagas(ONE)))(
            lambda sagas: (
                sagas.find("s1"),
                sagas.page(state=None, created_before=None, limit=9, offset=0)[1],
            )
        )

    assert view is not None
    assert (view.state, [line.status for line in view.timeline]) == (
        State.COMPLETED,
        [Status.DONE],
    )
    assert summary.step == "only"


class SlowNews(Database):
    """A database whose answers are overtaken by what staff do."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.overtake: Callable[[], Awaitable[bool]] | None = None

    def transact(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        write = self._database.transact(store)

        async def transact(work: Callable[[StoreT], ResultT]) -> ResultT:
            result = await write(work)
            overtake, self.overtake = self.overtake, None
            if overtake is not None and not await overtake():
                self.overtake = overtake  # another time
            return result

        return transact

    def read(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        return self._database.read(store)

    def glance(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        return self._database.glance(store)

    def alone(self, what: str, /) -> AbstractAsyncContextManager[Hold]:
        return self._database.alone(what)


async def test_staff_who_are_faster_than_the_news_are_heard(database: Database) -> None:
    news = SlowNews(database)
    async with OneStep(news, failing(*[OSError()] * 3)) as one:

        async def retry() -> bool:
            if (await one.statuses())[-1:] != [Status.FAILED]:  # it goes on: not stuck yet
                return False
            await one.engine.retry("s1", by="ann")
            return True

        await one.ask()
        news.overtake = retry

        assert await one.ended() == State.STUCK
        await one.comes_to([*[Status.FAILED] * 3, Status.RETRIED, Status.DONE])


class Counting(Observer):
    def __init__(self) -> None:
        self.heard: list[object] = []

    def attempted(self, saga: str, step: str, kind: Kind, status: Status, seconds: float) -> None:
        assert seconds >= 0
        self.heard.append((saga, step, kind, status))

    def came_to(self, saga: str, state: State) -> None:
        self.heard.append((saga, state))


async def test_whoever_counts_hears_of_attempts_and_ends(database: Database) -> None:
    counting = Counting()
    async with OneStep(database, failing(OSError()), observer=counting) as one:
        await one.ask()
        await one.ended()

    assert counting.heard == [
        ("one", "only", "do", Status.FAILED),
        ("one", "only", "do", Status.DONE),
        ("one", State.COMPLETED),
    ]
