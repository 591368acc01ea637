"""A database on MariaDB or MySQL, and the threads that may block on it.

What is only read may come from a replica, which lags behind. So a read that finds nothing there
is asked of the primary again; and a glance, which is for rows by key (a book that was just added,
the prices of a checkout), always goes to the primary.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from bookstore.kit.database.hold import Hold
from bookstore.kit.database.mysql.connection import Place
from bookstore.kit.database.mysql.hold import alone
from bookstore.kit.database.mysql.worker import Worker
from bookstore.kit.database.pool import POOLS, Pool
from bookstore.kit.database.statement import Session
from bookstore.kit.database.unit import through
from bookstore.kit.errors import NotFoundError, UnavailableError
from bookstore.kit.transaction import ResultT, StoreT, Transact

WRITERS: Final = 6
READERS: Final = 4


class MysqlDatabase:
    """Threads that write, and threads that read; each connects when it has something to do."""

    def __init__(self, place: Place, replica: Place | None = None) -> None:
        self._place = place
        self._writing = _Threads("writer", place, WRITERS)
        self._reading = _Threads("reader", place, READERS, reading=True)
        self._lagging = (
            _Threads("replica", replica, READERS, reading=True) if replica is not None else None
        )

    def transact(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer transactions on what `store` makes of a session."""
        return through(self._writing.ask, store)

    def read(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer reads: each unit sees one snapshot and can change nothing."""
        primary = self.glance(store)
        if self._lagging is None:
            return primary
        return or_else(through(self._lagging.ask, store), primary)

    def glance(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer reads of a few rows by key, always of the primary."""
        return through(self._reading.ask, store)

    def alone(self, what: str) -> AbstractAsyncContextManager[Hold]:
        """Wait until no other process is at it, and hold it until the block ends."""
        return alone(self._place, what)

    def close(self) -> None:
        """Let what was asked for finish, then hang up."""
        pools = [pool for pool in (self._writing, self._reading, self._lagging) if pool]
        for pool in pools:
            pool.end()
        for pool in pools:
            pool.join()


class _Threads:
    """A pool, and the threads that are in it."""

    def __init__(self, name: str, place: Place, size: int, *, reading: bool = False) -> None:
        self._pool = Pool(place.name, name, size)
        self.ask = self._pool.ask
        self._workers = [
            Worker(place, self._pool, number, reading=reading) for number in range(size)
        ]
        for worker in self._workers:
            worker.start()

    def end(self) -> None:
        """Tell each thread to stop, after what is queued."""
        for _ in self._workers:
            self._pool.queue.put(None)

    def join(self) -> None:
        """Wait until each has stopped."""
        for worker in self._workers:
            worker.join()
        POOLS.discard(self._pool)


def or_else(replica: Transact[StoreT], primary: Transact[StoreT]) -> Transact[StoreT]:
    """Ask the primary for what the replica does not have, perhaps not yet, or cannot tell."""

    async def read(work: Callable[[StoreT], ResultT]) -> ResultT:
        try:
            found = await replica(work)
        except (NotFoundError, UnavailableError):
            return await primary(work)
        return await primary(work) if found is None else found

    return read
