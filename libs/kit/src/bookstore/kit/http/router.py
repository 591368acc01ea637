"""Which endpoint answers: a walk over the path's segments, however many routes there are."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bookstore.kit.http.endpoint import Endpoint
from bookstore.kit.http.failures import MethodNotAllowedError, RouteNotFoundError


@dataclass(slots=True)
class Resource:
    """What is at one path, by method; HEAD is answered wherever GET is."""

    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    def add(self, method: str, endpoint: Endpoint) -> None:
        """Let the endpoint answer the method; raises ValueError if another does."""
        if method in self.endpoints:
            raise ValueError(f"{endpoint.name} is there twice")
        self.endpoints[method] = endpoint
        if method == "GET":
            self.endpoints["HEAD"] = endpoint

    def endpoint(self, method: str) -> Endpoint:
        """Return the method's endpoint; raises MethodNotAllowedError with the whole Allow."""
        try:
            return self.endpoints[method]
        except KeyError:
            raise MethodNotAllowedError(", ".join(self.endpoints)) from None


@dataclass(slots=True)
class _Node:
    fixed: dict[str, "_Node"] = field(default_factory=dict)
    braces: "_Node | None" = None
    resource: Resource | None = None


class Router:
    """Finds resources; what is written out goes before what stands in braces."""

    def __init__(self, routes: Iterable[tuple[str, str, Endpoint]]) -> None:
        """Take (method, path, endpoint) for each route."""
        self._root = _Node()
        self._exact: dict[str, Resource] = {}
        for method, path, endpoint in routes:
            node = self._root
            for segment in path.split("/")[1:]:
                if segment.startswith("{"):
                    node.braces = node.braces or _Node()
                    node = node.braces
                else:
                    node = node.fixed.setdefault(segment, _Node())
            node.resource = node.resource or Resource()
            node.resource.add(method, endpoint)
            if "{" not in path:
                self._exact[path] = node.resource

    def find(self, path: str) -> tuple[Resource, tuple[str, ...]]:
        """Return what is at the path and what fills its braces; raises RouteNotFoundError."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact, ()
        node = self._root
        values: tuple[str, ...] = ()
        for segment in path.split("/")[1:]:
            inner = node.fixed.get(segment)
            if inner is None:
                inner = node.braces
                if inner is None or not segment:  # nothing has an empty id
                    raise RouteNotFoundError
                values = (*values, segment)
            node = inner
        if node.resource is None:
            raise RouteNotFoundError
        return node.resource, values
