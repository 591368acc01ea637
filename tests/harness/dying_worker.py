"""A worker that is killed with a task in its hands: `python -m … API KIND`."""

import asyncio
import os
import signal
import sys

import httpx

from bookstore.kit.clock import SystemClock
from bookstore.saga.conductor.client import Conductor
from bookstore.saga.conductor.worker import Worker
from bookstore.saga.task import Output, Task


async def die(_task: Task) -> Output:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


async def main(api: str, kind: str) -> None:
    async with httpx.AsyncClient(base_url=api) as http:
        await Worker(Conductor(http), {kind: die}, SystemClock(), name="doomed").run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
