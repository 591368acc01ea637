"""A hold on something that one process at a time may do, over the database that it is done to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol


class Hold(Protocol):
    """What whoever is alone at something has in hand."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes may use the database, and wait for their turn."""
        ...

    async def lost(self) -> None:
        """Return as soon as it is not sure any more that nobody else holds it."""
        ...


class _Own(Hold):
    """A file's: whoever serves a data folder has locked it, and nobody else is there."""

    is_shared = False

    async def lost(self) -> None:
        await asyncio.Event().wait()


@asynccontextmanager
async def own() -> AsyncGenerator[Hold]:
    """Hold what is nobody else's."""
    yield _Own()
