"""Answers: a status, headers and a body, ready to be sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec
from msgspec import Raw
from starlette.types import Send

from bookstore.kit.http.conditional import matches, quoted
from bookstore.kit.http.operation import Reply

Headers = list[tuple[bytes, bytes]]

JSON: Final = (b"content-type", b"application/json")
PRIVATE: Final = (b"cache-control", b"no-store")
NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
_NOT_MODIFIED: Final = 304
_OK: Final = 200

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Answer:
    """What is sent: a body already encoded, and every header but its length."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)

    async def send(
        self, send: Send, *, head: bool, before_end: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Send it, for HEAD without its body; `before_end` runs before the connection closes."""
        headers = self.headers
        if self.body or self.status not in {204, _NOT_MODIFIED}:
            headers.append((b"content-length", str(len(self.body)).encode()))
        headers.append(NOSNIFF)
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = b"" if head else self.body
        if before_end is not None:
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await before_end()
            body = b""
        await send({"type": "http.response.body", "body": body})


def answer(status: int, result: object, *, private: bool, seen: bytes | None = None) -> Answer:
    """Encode what a port returned; `seen` is the request's If-None-Match, if it may be 304."""
    if type(result) is not Reply:
        if result is None:
            return Answer(status, b"", [PRIVATE] if private else [])
        body = bytes(result) if type(result) is Raw else _encode(result)
        return Answer(status, body, [JSON, PRIVATE] if private else [JSON])
    headers: Headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in result.headers.items()
    ]
    if private and not any(name == b"cache-control" for name, _ in headers):
        headers.append(PRIVATE)
    if result.location is not None:
        headers.append((b"location", result.location.encode("latin-1")))
    if result.etag is not None:
        headers.append((b"etag", quoted(result.etag).encode("latin-1")))
        if (
            seen is not None
            and result.status == _OK
            and matches(seen.decode("latin-1"), result.etag)
        ):
            return Answer(_NOT_MODIFIED, b"", headers)
    if result.body is None:
        return Answer(result.status, b"", headers)
    if "content-type" not in result.headers:
        headers.append(JSON)
    body = bytes(result.body) if type(result.body) is Raw else _encode(result.body)
    return Answer(result.status, body, headers)
