"""Bodies on their way in: of the documented type, and no larger than the operation takes."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from bookstore.kit.http.failures import (
    MalformedError,
    TooLargeError,
    TooSlowError,
    UnsupportedTypeError,
)

PATIENCE: Final = 60.0  # seconds for a whole body

_LINGER: Final = 2.0  # seconds
_LINGER_BYTES: Final = 16 * 1024 * 1024
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})


def check_type(headers: Mapping[bytes, bytes], content_type: str) -> None:
    """Raise UnsupportedTypeError unless the body is of the type, in UTF-8 and not compressed."""
    given, _, parameters = headers.get(b"content-type", b"").decode("latin-1").partition(";")
    if given.strip().lower() != content_type:
        raise UnsupportedTypeError(content_type)
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in _UTF8:
            raise UnsupportedTypeError(content_type)
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise UnsupportedTypeError(content_type)


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """Return the body, counted as it arrives: what a length header says is only a hint.

    Raises TooLargeError before more than the limit is kept, TooSlowError, and ClientDisconnect.
    """
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > limit:
        raise TooLargeError(limit)
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _collect(receive, limit)
    except TimeoutError as error:
        raise TooSlowError from error
    if not body:
        raise MalformedError("a body is needed")
    return body


async def _collect(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLargeError(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def discard(receive: Receive) -> None:
    """Read on for a moment after a refusal, keeping nothing.

    A connection that is closed while its client is still sending is reset, and the client never
    hears why; so up to 16 MiB more are read, for two seconds at most (RFC 9112, section 9.6).
    """
    size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER):
            while size < _LINGER_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
                size += len(message.get("body", b""))
