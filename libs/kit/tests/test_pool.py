"""Threads that are waited for: how long, by how many, and what Prometheus is told of it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from bookstore.kit.database import pool as pools
from bookstore.kit.database.figures import PoolFigures
from bookstore.kit.database.mysql.connection import Place
from bookstore.kit.database.mysql.worker import Worker
from bookstore.kit.database.pool import Pool
from bookstore.kit.database.unit import through
from bookstore.kit.errors import BusyError
from bookstore.kit.transaction import Transact


class Line:
    """A connection to nowhere, on which everything succeeds."""

    def open(self, *, reading: bool = False) -> "Line":
        assert not reading
        return self

    def cursor(self) -> None:
        return None

    commit = rollback = close = cursor


class Hung:
    """Work that takes as long as a test wants."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, _session: object) -> str:
        self.begun.set()
        assert self.let_go.wait(10)
        return "done at last"


@pytest.fixture
def pool() -> Iterator[Pool]:
    """A pool of one thread."""
    pool = Pool("shop", "writer", 1)
    thread = Worker(cast("Place", Line()), pool, 0, reading=False)
    thread.start()
    yield pool
    pool.queue.put(None)
    thread.join()


@pytest.fixture
def transact(pool: Pool) -> Transact[Any]:
    return through(pool.ask, lambda session: session)


@pytest.fixture
def hung() -> Iterator[Hung]:
    hung = Hung()
    yield hung
    hung.let_go.set()


def note(done: list[str], name: str) -> Callable[[object], None]:
    return lambda _session: done.append(name)


async def begun(hung: Hung, transact: Transact[Any]) -> "asyncio.Future[str]":
    future = asyncio.ensure_future(transact(hung))
    assert await asyncio.to_thread(hung.begun.wait, 10)
    return future


async def test_who_gets_no_thread_in_time_is_refused_and_nothing_is_done(
    pool: Pool, transact: Transact[Any], hung: Hung, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "PATIENCE_S", 0.02)
    done: list[str] = []
    long = await begun(hung, transact)

    with pytest.raises(BusyError) as refused:
        await transact(note(done, "late"))
    hung.let_go.set()

    assert await long == "done at last", "what was begun is not given up"
    assert (refused.value.code, refused.value.retry_after) == ("busy", 2)
    monkeypatch.setattr(pools, "PATIENCE_S", 5)
    await transact(note(done, "after"))
    assert (done, pool.refused) == (["after"], 1)


async def test_a_queue_is_never_longer_than_it_may_be(
    transact: Transact[Any], hung: Hung, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "MOST_WAITING", 2)
    done: list[str] = []
    long = await begun(hung, transact)
    waiting = [asyncio.ensure_future(transact(note(done, name))) for name in "ab"]

    with pytest.raises(BusyError):
        await transact(note(done, "c"))
    hung.let_go.set()

    await asyncio.gather(long, *waiting)
    assert done == ["a", "b"]


async def test_what_is_done_in_time_leaves_no_timer_behind(transact: Transact[Any]) -> None:
    before = asyncio.get_running_loop()
    await transact(lambda _session: "quick")

    scheduled = [timer for timer in before._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]  # noqa: SLF001 — nobody else knows
    assert scheduled == []


async def test_prometheus_is_told_how_busy_the_threads_are(
    pool: Pool, transact: Transact[Any], hung: Hung
) -> None:
    registry = CollectorRegistry()
    registry.register(PoolFigures([pool, Pool("shop", "writer", 2), Pool("shop", "reader", 4)]))
    long = await begun(hung, transact)
    late = asyncio.ensure_future(transact(lambda _session: None))
    pool.refused = 3

    page = generate_latest(registry).decode()
    hung.let_go.set()
    await asyncio.gather(long, late)

    for line in (
        'database_threads{database="shop",pool="writer"} 3.0',
        'database_threads{database="shop",pool="reader"} 4.0',
        'database_threads_in_use{database="shop",pool="writer"} 1.0',
        'database_units_waiting{database="shop",pool="writer"} 1.0',
        'database_units_waiting{database="shop",pool="reader"} 0.0',
        'database_units_refused_total{database="shop",pool="writer"} 3.0',
    ):
        assert line in page.splitlines()
    assert pool.in_use == 0
