"""What is served beside the operations: health, the specification, and pages for people."""

from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Final

from bookstore.kit.errors import BookstoreError
from bookstore.kit.http.answer import JSON, Answer
from bookstore.kit.http.asked import Asked
from bookstore.kit.http.error_page import error_page
from bookstore.kit.http.failures import NotReadyError

Ready = Callable[[], Awaitable[None]]

_ASSETS: Final = resources.files("bookstore.kit.http") / "assets"
_TYPES: Final = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}
_BESIDE: Final = ("docs.css", "docs.js", "attempt.js", "elements.js", "schema.js", "icon.svg")
_POLICY: Final = (
    b"content-security-policy",
    (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
)


class Page:
    """Answers always the same."""

    def __init__(self, name: str, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        self.name = name
        self._body = body
        self._headers = headers

    async def __call__(self, _asked: Asked, /) -> Answer:
        return Answer(200, self._body, list(self._headers))


class Readiness:
    """Answers whether this process can: 503 while it cannot, and while it drains."""

    name = "GET /readyz"

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self.draining = False

    async def __call__(self, _asked: Asked, /) -> Answer:
        """Ask the services; raises NotReadyError."""
        if self.draining:
            raise NotReadyError("this process is about to end", retry_after=1)
        try:
            await self._ready()
        except BookstoreError as error:
            raise NotReadyError(error.detail, retry_after=1) from error
        return Answer(200, b'{"status":"ready"}', [JSON])


def asset(name: str) -> Page:
    """Return a file of ours as a page."""
    file = _ASSETS / name
    suffix = name[name.rindex(".") :]
    headers = ((b"content-type", _TYPES[suffix]), (b"cache-control", b"max-age=300"), _POLICY)
    return Page(f"GET /docs/{name}", file.read_bytes(), *headers)


def pages(specification: bytes) -> dict[str, Page]:
    """Return the pages by their path."""
    html = ((b"content-type", _TYPES[".html"]), (b"cache-control", b"max-age=300"), _POLICY)
    return {
        "/healthz": Page("GET /healthz", b'{"status":"alive"}', JSON),
        "/openapi.json": Page("GET /openapi.json", specification, JSON),
        "/docs": asset("docs.html"),
        **{f"/docs/{name}": asset(name) for name in _BESIDE},
        "/docs/errors": Page("GET /docs/errors", error_page().encode(), *html),
    }
