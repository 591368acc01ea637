"""Both ends of a channel inside one process.

Messages are handed over as they are, without serialising; all else is as over a network: the
deadline, who asks, and errors, which arrive as new ones that only know what travels.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import grpc
from grpc import aio

from bookstore.kit.deadline import time_left, within
from bookstore.kit.rpc.failures import describe, late, missing, noted
from bookstore.kit.telemetry import is_traced, span

Handler = Callable[[Any, Any], Awaitable[Any]]


class Loopback:
    """A server and a channel to it; services may register after they are first named."""

    def __init__(self, *, timeout: float = 2.0) -> None:
        """Set the deadline in seconds of calls that bring none of their own."""
        self._timeout = timeout
        self._methods: dict[str, Handler] = {}

    @property
    def server(self) -> aio.Server:
        """The end at which services register."""
        return cast("aio.Server", self)

    @property
    def channel(self) -> aio.Channel:
        """The end from which they are called."""
        return cast("aio.Channel", self)

    def add_generic_rpc_handlers(self, _handlers: object) -> None:
        """Ignore the untyped way to register; the typed one follows."""

    def add_registered_method_handlers(
        self, service: str, handlers: "Mapping[str, grpc.RpcMethodHandler[Any, Any]]"
    ) -> None:
        """Remember a service's methods."""
        for name, handler in handlers.items():
            self._methods[f"/{service}/{name}"] = cast("Any", handler).unary_unary

    def unary_unary(self, path: str, **_codec: object) -> Callable[..., Awaitable[Any]]:
        """Make the callable for a method, which may be registered later."""
        methods, patience = self._methods, self._timeout

        async def call(
            request: object,
            *,
            timeout: float | None = None,  # noqa: ASYNC109 gRPC's own way to bring a deadline
            metadata: object = None,
            **_options: object,
        ) -> object:
            handler = methods.get(path)
            if handler is None:
                raise noted(missing(path), path)
            left = time_left(patience if timeout is None else timeout)
            if left <= 0:
                raise late(path)
            try:
                with within(left):
                    async with asyncio.timeout(left):
                        try:
                            if not is_traced():
                                return await handler(request, _Context(metadata))
                            with span(path.lstrip("/")):
                                return await handler(request, _Context(metadata))
                        except Exception as error:
                            raise noted(describe(error, path).error(), path) from error
            except TimeoutError as error:
                raise late(path) from error

        return call


class _Context:
    """What a servicer may ask about a call."""

    __slots__ = ("_metadata",)

    def __init__(self, metadata: object) -> None:
        self._metadata = metadata

    def invocation_metadata(self) -> object:
        """Return what the caller sent beside the message."""
        return self._metadata or ()
