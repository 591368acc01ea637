"""Working on tasks as a process of its own: `python -m bookstore.<service> work`."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Literal

import httpx

from bookstore.kit.clock import SystemClock
from bookstore.kit.settings import Settings, read_settings
from bookstore.saga.conductor.client import Conductor
from bookstore.saga.conductor.worker import Worker
from bookstore.saga.observed import observed
from bookstore.saga.task import Handler


class WorkSettings(Settings, frozen=True, kw_only=True):
    """Where the workflow server is, and on how many tasks of a kind a process works at once."""

    saga_engine: Literal["embedded", "conductor"] = "conductor"
    conductor_url: str
    work_at_once: int = 8

    def problems(self) -> Iterator[str]:
        if self.saga_engine == "embedded":
            yield (
                "SAGA_ENGINE: is embedded, which does its tasks itself; whoever works on those of "
                "Conductor sets it to conductor, or leaves it out"
            )
        if not self.conductor_url.startswith(("http://", "https://")):
            yield "CONDUCTOR_URL: takes an address such as http://conductor:8080"
        if self.work_at_once < 1:
            yield "WORK_AT_ONCE: takes 1 or more"


def work_settings(prefix: str) -> WorkSettings:
    """Read them; raises SettingsError."""
    return read_settings(WorkSettings, prefix)


@asynccontextmanager
async def working(tasks: Mapping[str, Handler], prefix: str) -> AsyncGenerator[Callable[[], None]]:
    """Work until the block ends, what was taken to its end; yields how to take nothing more."""
    settings = work_settings(prefix)
    async with conductor_at(settings.conductor_url) as conductor:
        worker = Worker(
            conductor,
            observed(tasks),
            SystemClock(),
            name=process_name(),
            at_once=settings.work_at_once,
        )
        running = asyncio.create_task(worker.run())
        try:
            yield worker.stop
        finally:
            worker.stop()
            await running


@asynccontextmanager
async def conductor_at(url: str) -> AsyncGenerator[Conductor]:
    """Open connections to the server at an address such as http://conductor:8080."""
    async with httpx.AsyncClient(base_url=f"{url.rstrip('/')}/api") as http:
        yield Conductor(http)


def process_name() -> str:
    """Return a name that no other process has."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}"
