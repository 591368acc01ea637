"""Starlette's own routes among ours, for what no specification of ours describes.

The token endpoint takes a form and the key set is a document of another standard: they are
written by hand, and found, counted and explained like the rest.
"""

from collections.abc import Iterator, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bookstore.kit.http.answer import Answer
from bookstore.kit.http.asked import Asked
from bookstore.kit.http.endpoint import Endpoint


class PlainEndpoint(Endpoint):
    """Asks an endpoint function of Starlette's; its answer is sent in one piece."""

    def __init__(self, name: str, route: Route) -> None:
        self.name = name
        self._ask = route.endpoint

    async def __call__(self, asked: Asked, /) -> Answer:
        response: Response = await self._ask(Request(asked.scope, asked.receive))
        headers = [pair for pair in response.raw_headers if pair[0] != b"content-length"]
        return Answer(response.status_code, bytes(response.body), headers)


def plain_endpoints(routes: Sequence[Route]) -> Iterator[tuple[str, str, Endpoint]]:
    """Yield (method, path, endpoint) for each method of each route."""
    for route in routes:
        for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
            yield method, route.path, PlainEndpoint(f"{method} {route.path}", route)
