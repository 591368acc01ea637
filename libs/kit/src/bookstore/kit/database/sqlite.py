"""SQLite: one writer thread with group commit, a few reader threads, WAL, synchronous=FULL.

Units of work that arrive while a commit is under way form the next group: they run one after
the other, each in its own SAVEPOINT, and share one COMMIT (one fsync); each is answered only
after it. If the COMMIT fails, or SQLite has rolled back by itself, each unit of the group is
run again alone, so that one unit's trouble is never another's.

A glance reads in the caller's own thread: finding a row by its key takes less time than asking
a thread for it, and in WAL no reader waits for the writer.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from queue import Empty
from threading import Lock, Thread

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from bookstore.kit.database.failures import DatabaseUnreachableError, translate
from bookstore.kit.database.hold import Hold, own
from bookstore.kit.database.pool import POOLS, Pool
from bookstore.kit.database.statement import Session
from bookstore.kit.database.unit import Stores, Unit, answer, attempt, deliver, through
from bookstore.kit.transaction import ResultT, StoreT, Transact

_GROUP = 128
_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")


class SqliteDatabase:
    """A file (or a database in memory, which its one thread both reads and writes)."""

    def __init__(
        self,
        file: Path | None,
        *,
        readers: int,
        prepare: Callable[[sqlite3.Connection], None],
    ) -> None:
        writer = connect(file)
        try:
            prepare(writer)
        except BaseException:
            writer.close()
            raise
        name = file.stem if file else "memory"
        self._writing = Pool(name, "writer", 1)
        self._reading = Pool(name, "reader", readers) if file else self._writing
        self._threads = [Thread(target=_write, args=(writer, self._writing), name="db-writer")]
        if file:
            self._threads += [
                Thread(
                    target=_read,
                    args=(connect(file, query_only=True), self._reading, number),
                    name="db-reader",
                )
                for number in range(readers)
            ]
        self._glancing = _Glances(connect(file, query_only=True)) if file else None
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def transact(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer transactions on what `store` makes of a session."""
        return through(self._writing.queue.put, store)

    def read(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer reads: each unit sees one snapshot and can change nothing."""
        return through(self._reading.queue.put, store)

    def glance(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer reads of a few rows by key, which are done before they could be handed over."""
        return self.read(store) if self._glancing is None else self._glancing.of(store)

    def alone(self, _what: str) -> AbstractAsyncContextManager[Hold]:
        """Hold it until the block ends; nobody else opens the file."""
        return own()

    def close(self) -> None:
        """Let what was asked for finish, then hang up."""
        for pool in {self._writing, self._reading}:
            for _ in self._threads:
                pool.queue.put(None)
        for thread in self._threads:
            thread.join()
        POOLS.difference_update((self._writing, self._reading))
        if self._glancing is not None:
            self._glancing.close()


def connect(file: Path | None, *, query_only: bool = False) -> sqlite3.Connection:
    """Open a connection as all of ours are: durable, and with transactions of our own.

    Raises DatabaseUnreachableError.
    """
    try:
        connection = sqlite3.connect(
            file or ":memory:",
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
    except sqlite3.OperationalError as error:
        raise DatabaseUnreachableError(
            f"{file} cannot be opened ({error}): is there such a folder, and may we write there?"
        ) from error
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA foreign_keys = ON")
    if query_only:
        connection.execute("PRAGMA query_only = ON")
    else:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    return connection


def _write(connection: sqlite3.Connection, pool: Pool) -> None:
    stores = Stores(Session(connection, _DIALECT))
    queue, busy = pool.queue, pool.busy
    open_ = True
    while open_:
        first = queue.get()
        if first is None:
            break
        busy[0] = True
        group = [first]
        try:
            while len(group) < _GROUP:
                unit = queue.get_nowait()
                if unit is None:
                    open_ = False
                    break
                group.append(unit)
        except Empty:
            pass
        if not _commit(connection, stores, group):
            for unit in group:
                _commit(connection, stores, [unit])
        busy[0] = False
        answer(group)
    connection.close()


def _commit(connection: sqlite3.Connection, stores: Stores, group: list[Unit]) -> bool:
    """Run and commit a group; False if it must be run again one by one."""
    alone = len(group) == 1
    try:
        connection.execute("BEGIN IMMEDIATE")
        if not all(_run(connection, stores, unit, alone=alone) for unit in group):
            return False
        if not alone or group[0].error is None:
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        if not alone:
            return False
        group[0].error = translate(error)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return True


def _run(connection: sqlite3.Connection, stores: Stores, unit: Unit, *, alone: bool) -> bool:
    """Run one unit of a group; False if SQLite has rolled back the whole group meanwhile."""
    if alone:
        attempt(unit, stores)
        return True
    connection.execute("SAVEPOINT unit")
    attempt(unit, stores)
    if not connection.in_transaction:
        return False
    if unit.error is not None:
        connection.execute("ROLLBACK TO unit")
    connection.execute("RELEASE unit")
    return True


def _read(connection: sqlite3.Connection, pool: Pool, number: int) -> None:
    stores = Stores(Session(connection, _DIALECT))
    queue, busy = pool.queue, pool.busy
    while (unit := queue.get()) is not None:
        busy[number] = True
        _look(connection, stores, unit)
        busy[number] = False
        answer([unit])
    connection.close()


class _Glances:
    """Units that are run where they are asked for, one at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._stores = Stores(Session(connection, _DIALECT))
        self._lock = Lock()

    def of(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer reads on what `store` makes of the session."""

        def glance(work: Callable[[StoreT], ResultT]) -> Awaitable[ResultT]:
            unit = Unit(store, work)
            with self._lock:
                _look(self._connection, self._stores, unit)
            deliver([unit])
            return unit.future

        return glance  # type: ignore[return-value]  # as in unit.through

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            self._connection.close()


def _look(connection: sqlite3.Connection, stores: Stores, unit: Unit) -> None:
    connection.execute("BEGIN")
    attempt(unit, stores)
    connection.execute("ROLLBACK")
