"""A participant does each task once, whatever is delivered how often and in which order."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.harness.databases import STORES, an_empty_database

from bookstore.kit.database import open_database
from bookstore.kit.transaction import Transact, at_once
from bookstore.saga.inbox import Answer, AnsweredMeanwhileError, HasInbox, Inbox
from bookstore.saga.memory import MemoryInbox
from bookstore.saga.participant import decoded, once, outside
from bookstore.saga.sql_inbox import SqlInbox
from bookstore.saga.task import Handler, Output, Reject, Task, do_key
from libs.saga.tests.conformance.shop import INBOX

MIGRATIONS = Path(__file__).parent / "shop_migrations"
DO = Task(saga_id="s1", step="pay", workflow_id="w1")
UNDO = Task(saga_id="s1", step="pay", kind="undo", workflow_id="w1")
TWIN_DO = Task(saga_id="s1", step="pay", workflow_id="w2")
TWIN_UNDO = Task(saga_id="s1", step="pay", kind="undo", workflow_id="w2")


@dataclass
class Store:
    inbox: Inbox
    effects: list[str] = field(default_factory=list)


@pytest.fixture(params=STORES)
def transact(request: pytest.FixtureRequest) -> Iterator[Transact[Store]]:
    if request.param == "memory":
        yield at_once(Store(MemoryInbox()))
    else:
        with (
            an_empty_database(request.param) as url,
            open_database(url, MIGRATIONS) as database,
        ):
            effects: list[str] = []
            yield database.transact(lambda session: Store(SqlInbox(session, INBOX), effects))


def counted(outcome: Output | Reject) -> Callable[[Store, Task], Output | Reject]:
    def effect(store: Store, task: Task) -> Output | Reject:
        store.effects.append(task.kind)
        return outcome

    return effect


async def effects(transact: Transact[Store]) -> list[str]:
    return await transact(lambda store: store.effects)


async def test_an_answer_is_kept_as_it_was(transact: Transact[HasInbox]) -> None:
    yes = Answer("w1", output={"payment_id": "p1", "lines": [1, 2]})
    no = Answer("w1", code="no", reason="none left", fields=({"available": 3},))
    await transact(lambda store: store.inbox.keep("a", yes))
    await transact(lambda store: store.inbox.keep("b", no))

    assert await transact(lambda store: store.inbox.find("a")) == yes
    assert await transact(lambda store: store.inbox.find("b")) == no
    assert await transact(lambda store: store.inbox.find("c")) is None


async def test_a_key_is_answered_once(transact: Transact[HasInbox]) -> None:
    answer = Answer("w1", output={})
    await transact(lambda store: store.inbox.keep("a", answer))

    with pytest.raises(AnsweredMeanwhileError):
        await transact(lambda store: store.inbox.keep("a", answer))


async def test_a_task_delivered_again_gets_its_answer_again(transact: Transact[Store]) -> None:
    handle = once(transact, counted({"payment_id": "p1"}))

    assert await handle(DO) == await handle(DO) == {"payment_id": "p1"}
    assert await handle(UNDO) == await handle(UNDO)
    assert await effects(transact) == ["do", "undo"]


async def test_a_rejection_is_kept_with_its_figures(transact: Transact[Store]) -> None:
    def refuse(_store: Store, _task: Task) -> Output:
        raise Reject("out-of-stock", "too few", [{"available": 3}])

    for effect in (refuse, counted({})):
        with pytest.raises(Reject, match="too few") as refused:
            await once(transact, effect)(DO)
        assert refused.value.fields == ({"available": 3},)
    assert await effects(transact) == []


async def test_what_rejects_by_returning_keeps_what_it_did(transact: Transact[Store]) -> None:
    handle = once(transact, counted(Reject("declined", "no money")))

    for _ in range(2):
        with pytest.raises(Reject, match="no money"):
            await handle(DO)
    assert await effects(transact) == ["do"]


async def test_a_do_after_its_undo_meets_the_tombstone(transact: Transact[Store]) -> None:
    handle = once(transact, counted({}))
    await handle(UNDO)

    with pytest.raises(Reject) as refused:
        await handle(DO)
    assert refused.value.code == "undone"
    assert await effects(transact) == ["undo"]


async def test_an_undo_that_rejects_keeps_nothing(transact: Transact[Store]) -> None:
    def refuse(_store: Store, _task: Task) -> Output:
        raise Reject("no", "never")

    with pytest.raises(Reject, match="never"):
        await once(transact, refuse)(UNDO)
    assert await once(transact, counted({}))(UNDO) == {}


async def test_of_twin_workflows_the_second_is_superseded_and_undoes_nothing(
    transact: Transact[Store],
) -> None:
    handle = once(transact, counted({}))
    await handle(DO)

    with pytest.raises(Reject) as refused:
        await handle(TWIN_DO)
    assert refused.value.code == "superseded"
    assert await handle(TWIN_UNDO) == {}
    assert await effects(transact) == ["do"]
    assert await handle(UNDO) == {}
    assert await effects(transact) == ["do", "undo"]


@dataclass
class Network:
    """The world outside: authorises by key, and can be held up."""

    held: dict[str, int] = field(default_factory=dict)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    async def authorise(self, task: Task, _started: None) -> str:
        self.called.set()
        await self.open.wait()
        self.held[task.do_key] = 1
        return "authorised"

    async def void(self, task: Task) -> None:
        self.held.pop(task.do_key, None)

    async def void_call(self, task: Task, _started: None) -> str:
        await self.void(task)
        return "voided"


def three_parts(transact: Transact[Store], network: Network, outcome: Output | Reject) -> Handler:
    def start(store: Store, task: Task) -> None:
        store.effects.append(f"start {task.kind}")

    def finish(store: Store, task: Task, reply: str) -> Output | Reject:
        store.effects.append(f"{task.kind} {reply}")
        return outcome

    return outside(
        transact, start=start, call=network.authorise, finish=finish, revoke=network.void
    )


def undo_in_three_parts(transact: Transact[Store], network: Network) -> Handler:
    return outside(
        transact,
        start=lambda _store, _task: None,
        call=network.void_call,
        finish=lambda _store, _task, _reply: {},
    )


async def test_an_effect_outside_is_begun_called_and_finished_once(
    transact: Transact[Store],
) -> None:
    network = Network()
    network.open.set()
    handle = three_parts(transact, network, {"payment_id": "p1"})

    assert await handle(DO) == await handle(DO) == {"payment_id": "p1"}
    assert await effects(transact) == ["start do", "do authorised"]


async def test_a_no_from_outside_is_kept_with_what_was_written(transact: Transact[Store]) -> None:
    network = Network()
    network.open.set()
    handle = three_parts(transact, network, Reject("declined", "no money"))

    for _ in range(2):
        with pytest.raises(Reject, match="no money"):
            await handle(DO)
    assert await effects(transact) == ["start do", "do authorised"]


async def test_a_no_before_the_call_is_kept(transact: Transact[Store]) -> None:
    def refuse(_store: Store, _task: Task) -> None:
        raise Reject("no", "not at all")

    network = Network()
    handle = outside(transact, start=refuse, call=network.authorise, finish=lambda _s, _t, _r: {})
    with pytest.raises(Reject, match="not at all"):
        await handle(DO)
    kept = await transact(lambda store: store.inbox.find(do_key("s1", "pay")))
    assert kept is not None
    assert kept.code == "no"
    assert not network.called.is_set()


async def test_a_call_under_way_when_its_undo_comes_is_taken_back(
    transact: Transact[Store],
) -> None:
    network = Network()
    doing = asyncio.ensure_future(three_parts(transact, network, {})(DO))
    await network.called.wait()

    await undo_in_three_parts(transact, network)(UNDO)
    network.open.set()

    with pytest.raises(Reject) as refused:
        await doing
    assert refused.value.code == "undone"
    assert network.held == {}


async def test_a_late_call_after_its_undo_is_never_made(transact: Transact[Store]) -> None:
    network = Network()
    await undo_in_three_parts(transact, network)(UNDO)

    with pytest.raises(Reject):
        await three_parts(transact, network, {})(DO)
    assert not network.called.is_set()


async def test_an_undo_is_answered_only_once_its_call_succeeded(
    transact: Transact[Store],
) -> None:
    async def fail(_task: Task, _started: None) -> str:
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        await outside(
            transact, start=lambda _s, _t: None, call=fail, finish=lambda _s, _t, _r: {}
        )(UNDO)
    network = Network(held={UNDO.do_key: 1})
    await undo_in_three_parts(transact, network)(UNDO)
    assert network.held == {}


@dataclass
class Charge:
    amount: int


def test_what_cannot_be_decoded_is_a_rejection() -> None:
    assert decoded(Task(saga_id="s1", step="pay", input={"amount": 5}), Charge) == Charge(5)
    with pytest.raises(Reject) as refused:
        decoded(Task(saga_id="s1", step="pay", input={"amount": "5"}), Charge)
    assert refused.value.code == "malformed-task"
