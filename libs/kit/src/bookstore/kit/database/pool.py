"""The threads of a database, the queue in front of them, and how busy both are."""

from queue import SimpleQueue
from typing import Final
from weakref import WeakSet

from bookstore.kit.database.unit import Queue, Unit
from bookstore.kit.errors import BusyError

PATIENCE_S: Final = 5.0
MOST_WAITING: Final = 1000
_RETRY_AFTER: Final = 2


class Pool:
    """Some threads that empty one queue; each says when it is at work."""

    def __init__(self, database: str, name: str, size: int) -> None:
        self.database = database
        self.name = name
        self.queue: Queue = SimpleQueue()
        self.busy = [False] * size  # a thread's own place each: nobody else writes it
        self.refused = 0
        POOLS.add(self)

    @property
    def in_use(self) -> int:
        """How many threads are at work."""
        return sum(self.busy)

    @property
    def waiting(self) -> int:
        """How many units no thread has begun yet."""
        return self.queue.qsize()

    def ask(self, unit: Unit) -> None:
        """Queue a unit; it is refused if the queue is full, or if no thread takes it in time."""
        if self.waiting >= MOST_WAITING:
            self._refuse(unit)
            return
        unit.timer = unit.loop.call_later(PATIENCE_S, self._refuse, unit)
        self.queue.put(unit)

    def _refuse(self, unit: Unit) -> None:
        if unit.claim() and not unit.future.done():
            self.refused += 1
            unit.future.set_exception(
                BusyError("the database has too much to do; try again", retry_after=_RETRY_AFTER)
            )


POOLS: Final[WeakSet[Pool]] = WeakSet()
