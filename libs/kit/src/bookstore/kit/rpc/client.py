"""The calling end of a network channel: a deadline on every call, and our errors back."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Self, cast

from grpc import StatusCode, aio

from bookstore.kit.deadline import time_left
from bookstore.kit.rpc.addresses import addresses
from bookstore.kit.rpc.certificates import Certificates
from bookstore.kit.rpc.context import ServiceToken, outgoing
from bookstore.kit.rpc.failures import late, lost, noted, told
from bookstore.kit.rpc.ways import Method, Way, Ways
from bookstore.kit.telemetry import span

ATTEMPTS: Final = 3
PAUSE_S: Final = 0.05  # before the second attempt; doubles
LONGEST_PAUSE_S: Final = 0.2
# What gRPC says for a server that is not there, and for one that is just stopping.
_UNHEARD: Final = {StatusCode.UNAVAILABLE, StatusCode.CANCELLED}
_SILENT: Final = {StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED}


def open_channel(
    address: str,
    *,
    timeout: float = 2.0,
    certificates: Certificates | None = None,
    token: ServiceToken | None = None,
    watched: bool = True,
) -> aio.Channel:
    """Call the service at the address, or at one of several that are separated by commas.

    Every call has the deadline (seconds) unless it brings its own, and never more time than
    whoever asked for it has left. It carries the current caller, the trace and the service's
    token. `certificates` turn TLS on. Failures are the errors of bookstore.kit.errors; a call
    that only finds something is repeated, at another address if there is one, if the network
    failed. Health is `watched` unless a proxy is in between that sees to it.
    """
    ways = Ways(addresses(address), certificates, watched=watched)
    return cast("aio.Channel", _Channel(ways, timeout, token))


def may_repeat(method: str) -> bool:
    """Tell whether a second call has no second effect: those named Find only read."""
    return method.rpartition("/")[2].startswith("Find")


class _Channel:
    """What stubs see of a neighbour: one channel, whatever its addresses."""

    def __init__(self, ways: Ways, timeout: float, token: ServiceToken | None) -> None:
        self._ways = ways
        self._timeout = timeout
        self._token = token

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.close()

    async def close(self, grace: float | None = None) -> None:
        """Close it; calls under way get so many seconds."""
        await self._ways.close(grace)

    def unary_unary(self, path: str, **codec: Any) -> Callable[..., Awaitable[Any]]:
        """Make the callable for a method."""

        def method(way: Way) -> Method:
            return way.method(path, codec)

        async def call(
            request: object,
            *,
            timeout: float | None = None,  # noqa: ASYNC109 — gRPC's own way to bring a deadline
            metadata: Iterable[tuple[str, str | bytes]] | None = None,
            **_options: object,
        ) -> object:
            patience = time_left(self._timeout if timeout is None else timeout)
            with span(path.lstrip("/"), "client"):
                ends = time.monotonic() + patience
                sent = [*(metadata or ()), *outgoing()]
                if self._token is not None:
                    sent.append(("authorization", f"Bearer {await self._token()}"))
                return await self._ask(path, method, request, tuple(sent), ends)

        return call

    async def _ask(
        self,
        path: str,
        method: Callable[[Way], Method],
        request: object,
        metadata: tuple[tuple[str, str | bytes], ...],
        ends: float,
    ) -> object:
        """Call it until there is an answer, or no sense in asking again.

        Of several addresses one may be about to be back: as long as none is connected, asking
        costs nobody anything, and is an attempt no more than waiting is.
        """
        attempts = ATTEMPTS if may_repeat(path) else 1
        waits = may_repeat(path) and len(self._ways) > 1
        pause = PAUSE_S
        way = None
        while True:
            left = ends - time.monotonic()
            if left <= 0:
                raise late(path)
            way = self._ways.next(way)
            if not waits or way.is_open:
                attempts -= 1
            try:
                return await method(way)(request, timeout=left, metadata=metadata)
            except aio.AioRpcError as error:
                if (failure := told(error)) is not None:
                    raise noted(failure.error(), path) from error
                if error.code() in _SILENT:
                    way.rest()
                again = error.code() in _UNHEARD and attempts > 0
                if not again or time.monotonic() + pause >= ends:
                    raise noted(lost(error, path), path) from error
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 chance spreads load here, it hides nothing
            pause = min(2 * pause, LONGEST_PAUSE_S)
