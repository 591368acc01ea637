"""The application: every request's way from the socket to an endpoint and back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bookstore.kit.errors import BookstoreError, OutcomeUnknownError, UnavailableError
from bookstore.kit.http.answer import Answer, answer
from bookstore.kit.http.asked import Asked, gather, trace_of
from bookstore.kit.http.body import discard
from bookstore.kit.http.endpoint import Endpoint, OperationEndpoint
from bookstore.kit.http.failures import DrainingError, RouteNotFoundError, TooLargeError
from bookstore.kit.http.metrics import Metrics
from bookstore.kit.http.operation import Operation
from bookstore.kit.http.pages import Readiness, pages
from bookstore.kit.http.problem import problem_reply
from bookstore.kit.http.router import Router
from bookstore.kit.http.settings import NO_SETTINGS, HttpSettings
from bookstore.kit.http.specification import merged
from bookstore.kit.http.traced import Traced
from bookstore.kit.telemetry import is_traced, label

if TYPE_CHECKING:
    from bookstore.kit.auth import Authenticator

_LOG = logging.getLogger("bookstore.http")
_STATUS = "http.response.status_code"
_CUT_SHORT = "this process had to end before it was done: look whether it was, or send it again"
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
_EXPOSED = ("ETag", "Location", "Retry-After", "Link", "Preference-Applied")
_ASKED = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Prefer",
)


async def _at_once() -> None:
    """Be ready at once."""


def application(
    operations: Iterable[Operation],
    *,
    authenticator: "Authenticator",
    ready: Callable[[], Awaitable[None]] = _at_once,
    drain: Callable[[], None] = lambda: None,
    settings: HttpSettings = NO_SETTINGS,
) -> "Application":
    """Serve the operations, with health, metrics, the specification and pages for people.

    `ready` raises while the services cannot answer; `drain` is called once when the process is
    told to stop.
    """
    served = list(operations)
    proxies = settings.proxies()
    metrics, readiness = Metrics(), Readiness(ready)
    endpoints: list[tuple[str, str, Endpoint]] = [
        (one.method, one.path, OperationEndpoint(one, authenticator, proxies)) for one in served
    ]
    beside: dict[str, Endpoint] = {
        "/metrics": metrics,
        "/readyz": readiness,
        **pages(merged(served)),
    }
    endpoints += [("GET", path, page) for path, page in beside.items()]
    app = Application(Router(endpoints), metrics, readiness, drain)
    app.allow_origins(settings)
    return app


class Application:
    """An ASGI application; every failure becomes a problem document here, and only here."""

    def __init__(
        self,
        router: Router,
        metrics: Metrics,
        readiness: Readiness,
        drain: Callable[[], None],
    ) -> None:
        self._router = router
        self._metrics = metrics
        self._readiness = readiness
        self._drain = drain
        self._refusing = False
        self._entry: ASGIApp = self._serve
        self._traced = Traced(self._enter)

    def allow_origins(self, settings: HttpSettings) -> None:
        """Let web pages of the settings' origins ask (CORS), if there are any."""
        if settings.origins:
            self._entry = CORSMiddleware(
                self._serve,
                allow_origins=settings.origins,
                allow_credentials=settings.cors_credentials,
                allow_methods=_METHODS,
                allow_headers=_ASKED,
                expose_headers=_EXPOSED,
            )

    def drain(self) -> None:
        """Fail readiness at once and answer whoever waits; serve on, for the last time each."""
        self._readiness.draining = True
        self._drain()

    def refuse(self) -> None:
        """Answer 503 from now on, and close each connection."""
        self._refusing = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await (self._traced if is_traced() else self._entry)(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._entry(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        headers = gather(scope["headers"])
        trace_id = trace_of(headers)
        name = "none"
        before_end: Callable[[], Awaitable[None]] | None = None
        method: str = scope["method"]
        if self._readiness.draining and not self._refusing:
            send = _for_the_last_time(send)
        try:
            if self._refusing:
                raise DrainingError  # noqa: TRY301 — failures are answered in one place
            if b"%2" in scope.get("raw_path", b"") and b"%2f" in scope["raw_path"].lower():
                raise RouteNotFoundError  # noqa: TRY301 — likewise; a slash that is none
            resource, values = self._router.find(scope["path"])
            endpoint = resource.endpoint(method)
            name = endpoint.name
            found = await endpoint(Asked(scope, receive, headers, values, trace_id))
        except ClientDisconnect:
            return
        except asyncio.CancelledError:
            if not self._refusing:
                raise
            found = _explain(OutcomeUnknownError(_CUT_SHORT, retry_after=1), name, trace_id)
        except TooLargeError as error:
            found, before_end = _explain(error, name, trace_id), partial(discard, receive)
        except Exception as error:  # noqa: BLE001 — all are answered, and ours are logged
            found = _explain(error, name, trace_id)
        if is_traced():
            label(
                name,
                {_STATUS: found.status},
                failed=found.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
            )
        await found.send(send, head=method == "HEAD", before_end=before_end)
        self._metrics.count(name, found.status, perf_counter() - started)


def _for_the_last_time(send: Send) -> Send:
    """Close the connection after this answer: a proxy opens its next one to somebody who stays."""

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return closing


def _explain(error: Exception, name: str, trace_id: str) -> Answer:
    """Say what went wrong; but a fault of ours is told to the log alone."""
    if not isinstance(error, BookstoreError) or error.kind == BookstoreError.kind:
        _LOG.error("%s failed, trace %s", name, trace_id, exc_info=error)
        error = BookstoreError("something went wrong on our side")
    elif error.kind == UnavailableError.kind:
        _LOG.warning("%s: %s: %s, trace %s", name, error.code, error.detail, trace_id)
    reply = problem_reply(error, trace_id=trace_id)
    return answer(reply.status, reply, private=False)
