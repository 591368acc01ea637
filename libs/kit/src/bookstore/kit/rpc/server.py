"""The serving end of a network channel: health, reflection, and our errors out."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, Final, TypeAlias, cast

import grpc
from grpc import StatusCode, aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from bookstore.kit.caller import current_caller
from bookstore.kit.deadline import within
from bookstore.kit.errors import BookstoreError, UnavailableError
from bookstore.kit.rpc.certificates import Certificates
from bookstore.kit.rpc.context import TokenCheck, incoming, trace_of
from bookstore.kit.rpc.failures import describe, trailer
from bookstore.kit.rpc.metrics import METRICS
from bookstore.kit.server import PortInUseError
from bookstore.kit.telemetry import span

Register: TypeAlias = Callable[[aio.Server], None]

GRACE_S: Final = 5.0
_HEARD_S: Final = 0.2  # by which callers have heard NOT_SERVING
OPTIONS: Final = (
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),  # callers ping every 10 s
    ("grpc.http2.max_ping_strikes", 0),  # … and, after a machine stood still, several at once
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.max_connection_age_ms", 300_000),  # so that callers find servers that came later
    ("grpc.max_connection_age_grace_ms", 60_000),
    ("grpc.so_reuseport", 0),  # two servers on one port are a mistake
)
OPEN_TO_ALL: Final = ("/grpc.health.v1.Health/", "/grpc.reflection.v1alpha.ServerReflection/")


class RpcServer:
    """A server that can be told to stop, in two steps like `kit.server.Drainable`."""

    def __init__(
        self, server: aio.Server, alive: health.aio.HealthServicer, address: str, grace: float
    ) -> None:
        self.address = address
        self._server = server
        self._alive = alive
        self._grace = grace
        self._steps: list[asyncio.Task[None]] = []

    def drain(self) -> None:
        """Say NOT_SERVING, so that callers go elsewhere; serve on."""
        self._steps.append(asyncio.create_task(self._alive.enter_graceful_shutdown()))

    def refuse(self) -> None:
        """Take no more calls, once callers know; those under way get their grace."""
        self._steps.append(asyncio.create_task(self._stop()))

    async def _stop(self) -> None:
        await asyncio.sleep(min(_HEARD_S, self._grace))
        await self._server.stop(self._grace)

    async def close(self) -> None:
        """Stop it, if nobody has, and wait until it has."""
        self.drain()
        self.refuse()
        await asyncio.gather(*self._steps)


@asynccontextmanager
async def open_server(  # noqa: PLR0913 — all but the check have a default
    services: Iterable[Register],
    address: str,
    *,
    check: TokenCheck,
    certificates: Certificates | None = None,
    serves: Callable[[str], bool] = lambda _method: True,
    reflects: bool = False,
    grace: float = GRACE_S,
) -> AsyncGenerator[RpcServer]:
    """Serve at the address until the block ends; the server knows the address with its real port.

    A call without a service's token that passes `check` is refused, whatever it is; only health
    and reflection are open to all, and that only if it `reflects`. `certificates` turn TLS on; of
    the methods, those are there that `serves` wants. At the end health says NOT_SERVING and calls
    under way get `grace` seconds. Raises PortInUseError.
    """
    server = aio.server(interceptors=[_Answers(check, serves)], options=OPTIONS)
    registry = _Registry(server)
    for register in services:
        register(cast("aio.Server", registry))
    alive = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(alive, server)
    if reflects:
        reflection.enable_server_reflection(
            (*registry.names, health.SERVICE_NAME, reflection.SERVICE_NAME), server
        )
    credentials = None if certificates is None else certificates.for_server()
    try:
        if credentials is None:
            port = server.add_insecure_port(address)
        else:
            port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise PortInUseError(f"{address}: is in use, or no address of this machine") from error
    await server.start()
    for name in ("", *registry.names):
        await alive.set(name, health_pb2.HealthCheckResponse.SERVING)
    real = address if address.startswith("unix:") else f"{address.rpartition(':')[0]}:{port}"
    running = RpcServer(server, alive, real, grace)
    try:
        yield running
    finally:
        await running.close()


class _Registry:
    """Passes registrations on and remembers whose they were."""

    def __init__(self, server: aio.Server) -> None:
        self._server = server
        self.names: list[str] = []

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        self._server.add_generic_rpc_handlers(handlers)

    def add_registered_method_handlers(
        self, name: str, handlers: Mapping[str, "grpc.RpcMethodHandler[Any, Any]"]
    ) -> None:
        self.names.append(name)
        cast("Any", self._server).add_registered_method_handlers(name, handlers)


class _Answers(aio.ServerInterceptor):
    """Runs each method for the caller that a service names, and turns errors into statuses.

    What a method asks of others has the time that its caller still has; gRPC itself ends a
    method whose caller has none left, or has gone.
    """

    def __init__(self, check: TokenCheck, serves: Callable[[str], bool]) -> None:
        self._check = check
        self._serves = serves

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        method = handler_call_details.method
        handler = await continuation(handler_call_details)
        if handler is None or method.startswith(OPEN_TO_ALL):
            return handler
        if handler.unary_unary is None or not self._serves(method):
            return None  # not there: a stream, which nobody guards, or another process's

        async def answer(request: object, context: "aio.ServicerContext[Any, Any]") -> object:
            metadata = context.invocation_metadata()
            await self._authenticate(metadata, context)
            current_caller.set(incoming(metadata))
            name, started, status = method.lstrip("/"), perf_counter(), StatusCode.CANCELLED
            try:
                with (
                    span(name, "server", parent=trace_of(metadata)),
                    within(_patience(context)),
                ):
                    reply = await handler.unary_unary(request, context)
                status = StatusCode.OK
            except Exception as error:  # noqa: BLE001 whatever it is, the caller is told a status
                failure = describe(error, method)
                status = failure.status
            else:
                return reply
            finally:
                METRICS.count(name, status, perf_counter() - started)
            return await context.abort(failure.status, failure.detail, trailer(failure))

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )

    async def _authenticate(
        self, metadata: Iterable[tuple[str, str | bytes]] | None, context: Any
    ) -> None:
        scheme, _, token = str(dict(metadata or ()).get("authorization", "")).partition(" ")
        try:
            if scheme.lower() == "bearer":
                await self._check(token)
                return
        except UnavailableError as error:  # nobody can tell who it is, which says nothing of them
            failure = describe(error, "")
            await context.abort(failure.status, failure.detail, trailer(failure))
        except BookstoreError:
            pass
        await context.abort(StatusCode.UNAUTHENTICATED, "a service's token is needed")


def _patience(context: "aio.ServicerContext[Any, Any]") -> float:
    """Return how many seconds the caller still waits."""
    left = cast("float | None", context.time_remaining())
    return math.inf if left is None else left
