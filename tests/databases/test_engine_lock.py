"""One saga engine at a time over a server's database, and the next when it dies."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.databases.things import column, name_of
from tests.harness.databases import execute

from bookstore.kit.database import Database, Hold, open_database
from bookstore.kit.database.mysql import hold
from bookstore.saga.ports import State, Status
from libs.saga.tests.conformance.embedded import HERE
from libs.saga.tests.test_engine import OneStep, nothing

ENGINE = HERE / "engine_migrations"
_PATIENCE_S = 90  # on a busy machine


@pytest.fixture
def migrations() -> Path:
    return ENGINE


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "PULSE_S", 0.05)
    monkeypatch.setattr(hold, "_TRY_AGAIN_S", 0.05)


@pytest.fixture
def other(url: str) -> Iterator[Database]:
    """The same database, as another process sees it."""
    with open_database(url, ENGINE) as opened:
        yield opened


@asynccontextmanager
async def another_process(url: str) -> AsyncIterator[Process]:
    """Run an engine that never comes to an end with anything."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.databases.an_engine", url, stdout=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def said(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(_PATIENCE_S):
        return (await process.stdout.readline()).decode().strip()


async def test_an_engine_waits_for_its_turn_and_goes_on_where_a_killed_one_was(
    database: Database, url: str
) -> None:
    async with another_process(url) as process, standing_by(database, process) as second:
        await second.ask("asked-here")
        assert await said(process) == "asked-here", "it hears of what others are asked"
        assert second.engine._epoch == 0  # noqa: SLF001 — it has not begun

        process.kill()

        async with asyncio.timeout(_PATIENCE_S):
            assert await second.engine.ended("begun-there") == State.COMPLETED
            assert await second.engine.ended("asked-here") == State.COMPLETED
        assert await second.statuses("asked-here") == [Status.DONE]


@asynccontextmanager
async def standing_by(database: Database, process: Process) -> AsyncIterator[OneStep]:
    """Start an engine here once the other process is at work on a saga."""
    one = OneStep(database, nothing)
    await one.ask("begun-there")
    assert await said(process) == "begun-there"
    async with one:
        yield one


async def test_whoever_waits_here_is_told_what_ended_while_another_engine_ran(
    database: Database, other: Database
) -> None:
    async with OneStep(other, nothing) as first:
        await first.ask("s1")
        async with asyncio.timeout(_PATIENCE_S):
            assert await first.engine.ended("s1") == State.COMPLETED
        async with OneStep(database, nothing) as second:
            await second.ask("s2")
            waiting = asyncio.create_task(second.ended("s2"))
            while await second.statuses("s2") != [Status.DONE]:  # noqa: ASYNC110 — nobody is told
                await asyncio.sleep(0.01)
            assert not waiting.done()
            first.run.cancel()

            assert await waiting == State.COMPLETED


async def test_a_lock_whose_connection_is_lost_is_somebody_elses(
    database: Database, other: Database, url: str
) -> None:
    async with database.alone("it") as mine:
        waiting = asyncio.create_task(take(other))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        lost = asyncio.create_task(mine.lost())
        (line,) = column(url, f"SELECT IS_USED_LOCK('it {name_of(url)}')")

        execute(f"KILL {line}")

        async with asyncio.timeout(_PATIENCE_S):
            await lost
            theirs = await waiting
    assert theirs.is_shared


async def test_a_lock_that_is_let_go_is_taken_at_once(database: Database, other: Database) -> None:
    async with database.alone("it"):
        waiting = asyncio.create_task(take(other))
        apart = asyncio.create_task(take(other, "something else"))
        async with asyncio.timeout(_PATIENCE_S):
            await apart
        assert not waiting.done()
    async with asyncio.timeout(_PATIENCE_S):
        await waiting


async def take(database: Database, what: str = "it") -> Hold:
    async with database.alone(what) as held:
        return held
