"""Deadlocks, lost connections and killed servers: what is run again, and what is not."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pymysql
import pytest
import sqlalchemy as sa
from tests.databases.things import (
    ADD,
    ONE_MORE,
    SLEEP,
    SLEEP_OVER_EACH,
    SUM,
    WHO,
    add,
    name_of,
    names,
    same,
    thing,
)
from tests.harness.databases import connect
from tests.harness.wire import Cut, wire_to
from tools.servers import mysql

from bookstore.kit.database import (
    Database,
    Session,
    open_database,
    pool,
)
from bookstore.kit.database.mysql import connection
from bookstore.kit.database.mysql.database import READERS
from bookstore.kit.errors import BusyError, OutcomeUnknownError, UnavailableError

_MANY = 50


async def test_units_that_block_each_other_for_good_are_all_done_in_the_end(
    database: Database,
) -> None:
    write = database.transact(same)
    await write(lambda s: s.run_many(ADD, [thing("a", count=0), thing("b", count=0)]))
    meet = threading.Barrier(2)
    attempts: list[str] = []

    def count_both(first: str, second: str, session: Session) -> None:
        attempts.append(first)
        session.run(ONE_MORE, of=first)
        if len(attempts) <= 2:
            meet.wait(5)
        session.run(ONE_MORE, of=second)

    await asyncio.gather(
        write(partial(count_both, "a", "b")), write(partial(count_both, "b", "a"))
    )

    assert len(attempts) == 3, "one of them was run again"
    assert await write(lambda s: s.run(SUM).scalar()) == 4


async def test_a_lock_that_is_held_for_too_long_is_waited_for_again(
    url: str, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = connection._SESSION.replace("_timeout = 5", "_timeout = 1")  # noqa: SLF001 — as a server's slowness would
    monkeypatch.setattr(connection, "_SESSION", impatient)
    with open_database(url, migrations) as database, closing(connect(name_of(url))) as other:
        write = database.transact(same)
        await write(partial(add, "a"))
        other.begin()
        other.query("SELECT * FROM thing FOR UPDATE")
        attempts: list[int] = []

        def count(session: Session) -> int:
            attempts.append(1)
            return session.run(ONE_MORE, of="a").rowcount

        counting = write(count)
        async with asyncio.timeout(20):
            while len(attempts) < 2:  # noqa: ASYNC110 — nobody is told
                await asyncio.sleep(0.05)
        other.rollback()

        assert await counting == 1


async def test_a_statement_that_takes_too_long_is_ended(
    url: str, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "STATEMENT_TIMEOUT", 0.2)
    with open_database(url, migrations) as database:
        write, read = database.transact(same), database.read(same)
        await write(lambda s: s.run_many(ADD, [thing("a"), thing("b")]))
        for unit in (write, read):
            with pytest.raises(UnavailableError, match="too long"):
                await unit(lambda s: s.run(SLEEP_OVER_EACH, seconds=9))
            assert await unit(names) == ["a", "b"]


async def test_a_server_that_falls_silent_is_given_up(
    url: str, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER_TIMEOUT", 0.5)
    port = sa.make_url(url).port
    with wire_to(port or 0) as wire:
        along_it = url.replace(f":{port}", f":{wire.port}")
        with open_database(along_it, migrations) as database:
            read = database.read(same)
            assert await read(names) == []
            wire.is_deaf = True
            async with asyncio.timeout(5):
                with pytest.raises(UnavailableError, match="too long"):
                    await asyncio.gather(*(read(names) for _ in range(READERS)))
            wire.is_deaf = False

            assert await read(names) == []


async def test_while_all_threads_wait_for_the_server_others_are_refused_in_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "PATIENCE_S", 0.2)
    read, write = database.read(same), database.transact(same)
    hung = [asyncio.ensure_future(read(lambda s: s.run(SLEEP, seconds=1))) for _ in range(READERS)]

    with pytest.raises(BusyError) as refused:
        await read(names)
    await write(partial(add, "a"))  # by other threads

    assert refused.value.retry_after is not None
    await asyncio.gather(*hung)
    assert await read(names) == ["a"]


async def test_a_connection_that_was_ended_meanwhile_is_not_noticed(database: Database) -> None:
    write = database.transact(same)
    ended: list[int] = []

    def add_over_a_dying_line(session: Session) -> None:
        add("a", session)
        if not ended:
            ended.append(session.run(WHO).scalar())
            _kill(ended[0])
        add("b", session)

    await write(add_over_a_dying_line)
    for line in await asyncio.gather(*(write(lambda s: s.run(WHO).scalar()) for _ in range(24))):
        _kill(line)
    await asyncio.gather(*(write(partial(add, f"n{n}")) for n in range(12)))

    assert await write(names) == sorted(["a", "b", *(f"n{n}" for n in range(12))])


@pytest.mark.parametrize(("cut", "kept"), [(Cut.BEFORE, []), (Cut.AFTER, ["a"])])
async def test_a_commit_whose_answer_is_lost_is_neither_denied_nor_done_again(
    url: str, migrations: Path, cut: Cut, kept: list[str]
) -> None:
    port = sa.make_url(url).port
    with wire_to(port or 0) as wire:
        along_it = url.replace(f":{port}", f":{wire.port}")
        with open_database(along_it, migrations) as database:
            write = database.transact(same)
            assert await write(names) == []
            wire.cut = cut
            attempts: list[int] = []

            def add_once(session: Session) -> None:
                attempts.append(1)
                add("a", session)

            with pytest.raises(OutcomeUnknownError):
                await write(add_once)

            assert await write(names) == kept
            assert len(attempts) == 1


async def test_what_was_acknowledged_outlives_a_server_that_is_killed(
    kind: str, tmp_path: Path, migrations: Path
) -> None:
    with mysql.running(kind, tmp_path) as server:
        with closing(pymysql.connect(host="127.0.0.1", port=server.port, user="root")) as owner:
            owner.query("CREATE DATABASE shop")
        with open_database(f"{server.url}/shop", migrations) as database:
            kept, refused = await _write_while(
                database, partial(_kill_and_start, server), writers=4
            )
            there = set(await database.read(same)(names))

    assert kept <= there, "nothing that was acknowledged is lost"
    assert there - kept <= refused, "nothing is there that nobody asked for"
    assert len(kept) >= 2 * _MANY


def _kill(line: int) -> None:
    with closing(connect()) as other:
        try:
            other.query(f"KILL {line}")
        except pymysql.OperationalError as error:
            assert error.args[0] == 1094  # noqa: PT017 — killed already


def _kill_and_start(server: mysql.Server) -> None:
    server.kill()
    server.start()


async def _write_while(
    database: Database, event: Callable[[], None], *, writers: int
) -> tuple[set[str], set[str]]:
    """Write before, during and after an event; return what was acknowledged and what was not."""
    write = database.transact(same)
    kept: set[str] = set()
    refused: set[str] = set()
    enough = asyncio.Event()

    async def keep_writing(writer: int) -> None:
        number = 0
        while not enough.is_set():
            number += 1
            name = f"{writer}-{number}"
            try:
                await write(partial(add, name))
                kept.add(name)
            except UnavailableError:
                refused.add(name)
                await asyncio.sleep(0.01)

    async def keep(number: int) -> None:
        async with asyncio.timeout(60):
            while len(kept) < number:  # noqa: ASYNC110 — nobody is told
                await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as group:
        for writer in range(writers):
            group.create_task(keep_writing(writer))
        await keep(_MANY)
        await asyncio.to_thread(event)
        await keep(len(kept) + _MANY)
        enough.set()
    return kept, refused
