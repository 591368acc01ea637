"""A span per request, of the trace that the client names or of a new one."""

from starlette.types import ASGIApp, Receive, Scope, Send

from bookstore.kit.telemetry import span, traceparent


class Traced:
    """Wraps an application whose requests shall be seen; it finds its own span as the parent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [pair for pair in scope["headers"] if pair[0] != b"traceparent"]
        given = next((value for name, value in scope["headers"] if name == b"traceparent"), None)
        facts: dict[str, str | int] = {
            "http.request.method": scope["method"],
            "url.path": scope["path"],
        }
        parent = None if given is None else given.decode("latin-1")
        with span(scope["method"], "server", parent=parent, facts=facts):
            current = traceparent("0" * 32).encode()
            headers.append((b"traceparent", current))
            await self._app({**scope, "headers": headers}, receive, send)
