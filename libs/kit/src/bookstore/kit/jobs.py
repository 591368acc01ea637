"""Jobs that run beside a process's services: sweepers, engines, clean-ups."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

Job: TypeAlias = Callable[[], Awaitable[None]]

PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 5.0

_LOG = logging.getLogger("bookstore.jobs")


async def keep_running(job: Job, *, pause_s: float = PAUSE_S) -> None:
    """Run a job to its end; one that fails is begun again after a pause, which doubles.

    No job's trouble may end the process: whoever waits for what it does sees readiness, a lag
    or the log.
    """
    while True:
        try:
            await job()
        except Exception:  # noqa: BLE001 see above
            _LOG.exception("%s failed; it begins again", getattr(job, "__qualname__", job))
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        else:
            return
