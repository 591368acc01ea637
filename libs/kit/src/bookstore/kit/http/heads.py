"""The heads of requests, where uvicorn sets no limits: their size, and the time they take.

What cannot be read, or is too much, is answered as everything else is: by a problem document.
"""

import asyncio
import os
from http import HTTPStatus
from typing import Final

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bookstore.kit.errors import BookstoreError
from bookstore.kit.http.failures import HeadTooLargeError, HeadTooSlowError, MalformedError
from bookstore.kit.http.problem import problem_reply

LARGEST: Final = 64 * 1024  # bytes
MOST_FIELDS: Final = 256
_LINGER: Final = 1.0  # seconds in which who still sends may read why that is in vain
PATIENCE: Final = 10.0  # seconds, from the first byte (or the connection) to the last of the head


class Heads(HttpToolsProtocol):
    """Reads requests; a head that goes on and on is refused, and its connection closed."""

    _in_head = True
    _size = 0
    _timer: asyncio.TimerHandle | None = None
    _refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._timer = self.loop.call_later(PATIENCE, self._refuse, HeadTooSlowError())

    def connection_lost(self, exc: Exception | None) -> None:
        self._at_rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self._in_head and not self._refused:  # it goes on in another piece
            self._size += len(data)
            if self._size > LARGEST:
                self._refuse(HeadTooLargeError(LARGEST, MOST_FIELDS))
            elif self._timer is None:
                self._timer = self.loop.call_later(PATIENCE, self._refuse, HeadTooSlowError())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._size = True, 0

    def on_headers_complete(self) -> None:
        self._at_rest()
        self._in_head = False
        if len(self.headers) > MOST_FIELDS or self._length() > LARGEST:
            self._refuse(HeadTooLargeError(LARGEST, MOST_FIELDS))
            raise HeadTooLargeError(LARGEST, MOST_FIELDS)  # which stops the parser
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP; uvicorn calls this by this name."""
        if not self._refused:
            self._refuse(MalformedError(msg.rstrip(".").lower()))

    def _length(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _at_rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, error: BookstoreError) -> None:
        self._at_rest()
        self._refused = True
        if self.transport.is_closing():
            return
        if self._in_head and not self._size and isinstance(error, HeadTooSlowError):
            self.transport.close()  # nothing was asked
            return
        reply = problem_reply(error, trace_id=os.urandom(16).hex())
        body = msgspec.json.encode(reply.body)
        headers = {**reply.headers, "content-length": str(len(body)), "connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        status = HTTPStatus(reply.status)
        line = f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n"
        self.transport.write(line.encode("latin-1") + body)
        self.transport.write_eof()
        self._timer = self.loop.call_later(_LINGER, self.transport.close)
