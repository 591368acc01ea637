"""Waiting for the end of something, for as long as a client is willing to, and no longer."""

import asyncio
from collections.abc import Awaitable


class WaitingRoom:
    """Where requests wait; when the process is told to stop, nobody is kept waiting."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Timeout] = set()
        self._draining = False

    def until(self, seconds: float) -> float:
        """Return the moment at which a wait that begins now runs out."""
        return asyncio.get_running_loop().time() + seconds

    async def wait(self, event: Awaitable[object], until: float) -> bool:
        """Wait for the event; False if the time runs out first, or has to end early.

        The event is cancelled if nobody waits for it any longer.
        """
        try:
            async with asyncio.timeout_at(0 if self._draining else until) as scope:
                self._waiting.add(scope)
                try:
                    await event
                finally:
                    self._waiting.discard(scope)
        except TimeoutError:
            return False
        return True

    def drain(self) -> None:
        """Let every wait end now, and every later one at once."""
        self._draining = True
        now = asyncio.get_running_loop().time()
        for scope in self._waiting:
            scope.reschedule(now)
