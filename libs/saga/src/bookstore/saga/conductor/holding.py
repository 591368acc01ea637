"""Holding a task: while a worker that is alive does it, the server gives it to nobody else.

So its patience with a worker that died may be shorter than the longest step takes.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

from bookstore.kit.errors import BookstoreError
from bookstore.saga.conductor.client import Conductor, Json

log = logging.getLogger(__name__)

_BEATS: Final = 3  # in the time after which the server would give it to another


@asynccontextmanager
async def held(conductor: Conductor, task: Json, lease_s: float) -> AsyncGenerator[None]:
    """Hold a task until the block ends; `lease_s` is how long the server waits for a word.

    The last word is over before the block is: it could undo the answer that follows.
    """
    over = asyncio.Event()
    beating = asyncio.create_task(_beat(conductor, task, lease_s / _BEATS, over))
    try:
        yield
    except BaseException:
        beating.cancel()
        raise
    over.set()
    await beating


async def _beat(conductor: Conductor, task: Json, every: float, over: asyncio.Event) -> None:
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), every)
            return
        try:
            await conductor.hold(task)
        except BookstoreError as error:  # then it may come to another as well
            log.warning("task %s could not be held: %s", task["taskId"], error)
