"""The process that serves: uvicorn, and a drain of our own before its shutdown.

uvicorn alone drops idle connections and refuses new ones as soon as SIGTERM arrives, and raises
the signal again once it has stopped, which would end the process before everything is closed.
Here the signal first starts the drain: whoever waits is answered, readiness fails, requests are
served on for a delay (so that load balancers notice), then refused; then uvicorn stops.
"""

import asyncio
import ipaddress
import logging
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from bookstore.kit.http.heads import Heads
from bookstore.kit.telemetry import PROCESS_LOG

_GRACE = 10  # seconds for requests in flight, of the 14 that a process has after a drain delay
_REFUSING = 1.0  # seconds, after a delay, in which who still asks is told 503


_LOG = logging.getLogger(PROCESS_LOG)


class PortInUseError(Exception):
    """Somebody else listens at the address."""


class Drainable(Protocol):
    """An application that can be told to stop."""

    def drain(self) -> None:
        """Answer whoever waits; fail readiness; serve on."""
        ...

    def refuse(self) -> None:
        """Answer 503 from now on, and close each connection."""
        ...


class Together(Drainable):
    """Several that are told to stop at the same time."""

    def __init__(self, *drainables: Drainable) -> None:
        self._drainables = drainables

    def drain(self) -> None:
        for one in self._drainables:
            one.drain()

    def refuse(self) -> None:
        for one in self._drainables:
            one.refuse()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen."""

    host: str = "127.0.0.1"
    port: int = 8080

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can ask."""
        return is_loopback(self.host)

    def listen(self) -> socket.socket:
        """Bind, so that an address in use is known before anything is opened."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
        except (OSError, UnicodeError) as error:
            listener.close()
            raise PortInUseError(
                f"{self.host}:{self.port}: {getattr(error, 'strerror', None) or error}"
            ) from error
        listener.setblocking(False)  # noqa: FBT003 — so socket has it
        return listener


def is_loopback(host: str) -> bool:
    """Tell whether a host, by name or address, is this machine and no other can reach it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def serve(
    app: ASGIApp,
    listener: socket.socket,
    *,
    drainable: Drainable,
    drain_delay: float = 0,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGINT or SIGTERM, then drain (`drain_delay` is in seconds).

    The log tells that it begins to stop; whoever has closed everything else tells that it has.
    """
    config = uvicorn.Config(
        app,
        http=Heads,
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # HttpSettings.trusted_proxies says who is believed
        backlog=2048,
        timeout_graceful_shutdown=_GRACE,
    )
    server = _Server(config)
    async with _stopping(server, drainable, drain_delay), asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 — uvicorn tells nobody
            await asyncio.sleep(0.005)
        if server.started:
            started()


@asynccontextmanager
async def _stopping(
    server: uvicorn.Server, drainable: Drainable, delay: float
) -> AsyncGenerator[None]:
    loop = asyncio.get_running_loop()
    draining: list[asyncio.Task[None]] = []

    async def drain() -> None:
        drainable.drain()
        await asyncio.sleep(delay)
        drainable.refuse()
        if delay:
            await asyncio.sleep(_REFUSING)
        server.should_exit = True

    def stop() -> None:
        if draining:  # a second signal: at once
            _LOG.warning("stopping at once: told to stop again")
            server.should_exit = server.force_exit = True
        else:
            asked = len(server.server_state.tasks)
            _LOG.info("stopping: draining %d request%s", asked, "" if asked == 1 else "s")
            draining.append(loop.create_task(drain()))

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


class _Server(uvicorn.Server):
    """Leaves signals to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
