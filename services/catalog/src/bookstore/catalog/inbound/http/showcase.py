"""Answers that are kept, encoded, for a second at most: most requests ask for the same few books.

Everything is dropped when this process writes to the catalogue; the second bounds what another
process writes, and how old the stock figures are.
"""

from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Any, NamedTuple

from msgspec import Raw, json

from bookstore.kit.http import Reply

LONGEST = 1.0  # seconds
ROOM = 8 * 1024 * 1024  # bytes
_BESIDE = 1000  # bytes that an answer takes beside its body, about
_LARGEST = 16  # no answer takes more than this part of the room

key_of = json.Encoder().encode  # of a query: what is asked for, in a form that can be looked up


class _Kept(NamedTuple):
    reply: Reply[Any]
    until: float
    size: int


class Showcase:
    """A bounded number of answers; when there is no more room, the oldest goes."""

    def __init__(
        self,
        *,
        now: Callable[[], float] = monotonic,
        longest: float = LONGEST,
        room: int = ROOM,
    ) -> None:
        self._now = now
        self._longest = longest
        self._room = room
        self._kept: dict[Hashable, _Kept] = {}
        self._size = 0
        self._generation = 0

    async def show(self, key: Hashable, make: Callable[[], Awaitable[Reply[Any]]]) -> Reply[Any]:
        """Return the answer that is kept, or make one and keep it."""
        asked_at = self._now()
        kept = self._kept.get(key)
        if kept is not None and asked_at < kept.until:
            return kept.reply
        generation = self._generation
        reply = await make()
        if generation == self._generation:  # else it may show what was so before a write
            self._keep(key, reply, asked_at + self._longest)
        return reply

    def clear(self) -> None:
        """Forget all answers: something was written."""
        self._kept.clear()
        self._size = 0
        self._generation += 1

    def _keep(self, key: Hashable, reply: Reply[Any], until: float) -> None:
        self._drop(key)
        size = _BESIDE + (len(memoryview(reply.body)) if type(reply.body) is Raw else 0)
        if size > self._room // _LARGEST:
            return
        self._kept[key] = _Kept(reply, until, size)
        self._size += size
        while self._size > self._room:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        if (kept := self._kept.pop(key, None)) is not None:
            self._size -= kept.size
