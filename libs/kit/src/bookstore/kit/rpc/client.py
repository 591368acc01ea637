"""The calling end of a network channel: a deadline on every call, and our errors back."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import grpc
from grpc import StatusCode, aio

from bookstore.kit.rpc.context import ServiceToken, outgoing
from bookstore.kit.rpc.failures import lost, noted, told
from bookstore.kit.telemetry import span

ATTEMPTS: Final = 3
PAUSE_S: Final = 0.05  # before the second attempt; doubles

OPTIONS: Final = (
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.enable_retries", 0),  # ours know which calls may be repeated
)


def open_channel(
    address: str,
    *,
    timeout: float = 2.0,
    credentials: grpc.ChannelCredentials | None = None,
    token: ServiceToken | None = None,
) -> aio.Channel:
    """Call the service at the address.

    Every call has the deadline (seconds) unless it brings its own; it carries the current
    caller, the trace and the service's token. `credentials` turn TLS on. Failures are the errors
    of bookstore.kit.errors; a call that only finds something is repeated if the network failed.
    """
    interceptors = [_Calls(timeout, token)]
    if credentials is None:
        return aio.insecure_channel(address, OPTIONS, interceptors=interceptors)
    return aio.secure_channel(address, credentials, OPTIONS, interceptors=interceptors)


def may_repeat(method: str) -> bool:
    """Tell whether a second call has no second effect: those named Find only read."""
    return method.rpartition("/")[2].startswith("Find")


class _Calls(aio.UnaryUnaryClientInterceptor):
    """Makes each call as we want it made."""

    def __init__(self, timeout: float, token: ServiceToken | None) -> None:
        self._timeout = timeout
        self._token = token

    async def intercept_unary_unary(
        self,
        continuation: Callable[[aio.ClientCallDetails, Any], Awaitable[Any]],
        client_call_details: aio.ClientCallDetails,
        request: Any,
    ) -> Any:
        details = client_call_details
        method = _text(details.method)
        with span(method.lstrip("/"), "client"):
            return await self._call(continuation, details, method, request)

    async def _call(
        self,
        continuation: Callable[[aio.ClientCallDetails, Any], Awaitable[Any]],
        details: aio.ClientCallDetails,
        method: str,
        request: Any,
    ) -> Any:
        patience = self._timeout if details.timeout is None else details.timeout
        deadline = time.monotonic() + patience
        metadata = aio.Metadata(*(details.metadata or ()), *outgoing())
        if self._token is not None:
            metadata.add("authorization", f"Bearer {await self._token()}")
        attempts = ATTEMPTS if may_repeat(method) else 1
        for attempt in range(1, attempts + 1):
            left = max(deadline - time.monotonic(), 0.001)
            call = aio.ClientCallDetails(
                details.method, left, metadata, details.credentials, details.wait_for_ready
            )
            try:
                return await (await continuation(call, request))
            except aio.AioRpcError as error:
                if (failure := told(error)) is not None:
                    raise noted(failure.error(), method) from error
                pause = PAUSE_S * 2 ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311 chance spreads load here, it hides nothing
                again = error.code() is StatusCode.UNAVAILABLE and attempt < attempts
                if not again or time.monotonic() + pause >= deadline:
                    raise noted(lost(error, method), method) from error
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")


def _text(method: str | bytes) -> str:
    return method.decode() if isinstance(method, bytes) else method
