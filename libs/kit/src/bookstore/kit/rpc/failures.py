"""How a failure crosses from one service to another, so that it arrives as it was raised.

The kinds are gRPC statuses; the sentence is the status's message; code, fields and
retry_after travel as JSON in the trailing metadata. What nobody expected becomes INTERNAL; who
called cannot mend it, and has a neighbour that failed: NeighbourFailedError.
"""

import logging
from typing import Final

import msgspec
from grpc import StatusCode, aio

from bookstore.kit import errors
from bookstore.kit.errors import (
    BookstoreError,
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidError,
    NeighbourFailedError,
    NotFoundError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
)

TRAILER: Final = "bookstore-failure-bin"

_STATUS: Final = {
    InvalidError.kind: StatusCode.INVALID_ARGUMENT,
    NotFoundError.kind: StatusCode.NOT_FOUND,
    ConflictError.kind: StatusCode.FAILED_PRECONDITION,
    ForbiddenError.kind: StatusCode.PERMISSION_DENIED,
    UnavailableError.kind: StatusCode.UNAVAILABLE,
    UnauthenticatedError.kind: StatusCode.UNAUTHENTICATED,
    ThrottledError.kind: StatusCode.RESOURCE_EXHAUSTED,
}
_KINDS: Final[dict[str, type[BookstoreError]]] = {
    kind.kind: kind
    for kind in (
        InvalidError,
        NotFoundError,
        ConflictError,
        ForbiddenError,
        UnavailableError,
        UnauthenticatedError,
        ThrottledError,
    )
}
# Those of the kit's own classes that every service knows, by their codes.
_SHARED: Final[dict[str, type[BookstoreError]]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, BookstoreError) and kind is not BookstoreError
}
_NOT_NOW: Final = {
    StatusCode.UNAVAILABLE,
    StatusCode.DEADLINE_EXCEEDED,
    StatusCode.RESOURCE_EXHAUSTED,
    StatusCode.CANCELLED,
}

_AGAIN_S: Final = 5  # a mistake is seldom over in a moment

_LOG = logging.getLogger("bookstore.rpc")


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error as it travels."""

    kind: str
    detail: str
    code: str
    fields: tuple[FieldError, ...] = ()
    retry_after: int | None = None

    @property
    def status(self) -> StatusCode:
        """The gRPC status that says its kind."""
        return _STATUS.get(self.kind, StatusCode.INTERNAL)

    def error(self) -> BookstoreError:
        """Make a new error of it: of its kind, or of the kit's own class with its code."""
        kind = _SHARED.get(self.code) or _KINDS.get(self.kind)
        if kind is None:
            return NeighbourFailedError(self.detail, retry_after=_AGAIN_S)
        return kind(self.detail, *self.fields, code=self.code, retry_after=self.retry_after)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Failure).decode


def describe(error: Exception, method: str) -> Failure:
    """Say what goes back to the caller; what nobody expected is logged and not told."""
    if isinstance(error, BookstoreError) and error.kind != BookstoreError.kind:
        return Failure(error.kind, error.detail, error.code, error.fields, error.retry_after)
    _LOG.error("%s failed", method, exc_info=error)
    return Failure(BookstoreError.kind, f"{service_of(method)} failed", BookstoreError.code)


def trailer(failure: Failure) -> tuple[tuple[str, bytes]]:
    """Return the trailing metadata that carries the failure."""
    return ((TRAILER, _encode(failure)),)


def told(error: aio.AioRpcError) -> Failure | None:
    """Return what the other side said; None if it was the network that failed."""
    said = dict(error.trailing_metadata() or ()).get(TRAILER)
    return None if said is None else _decode(said)


def lost(error: aio.AioRpcError, method: str) -> BookstoreError:
    """Return our error for a call that brought no answer of the other side's."""
    if error.code() is StatusCode.DEADLINE_EXCEEDED:
        return late(method)
    if error.code() in _NOT_NOW:
        return UnavailableError(f"{service_of(method)} cannot be reached", retry_after=1)
    if error.code() is StatusCode.UNAUTHENTICATED:
        return ForbiddenError(f"{service_of(method)} does not know us", code="service-unknown")
    return NeighbourFailedError(f"{service_of(method)} failed", retry_after=_AGAIN_S)


def late(method: str) -> UnavailableError:
    """Return our error for a call whose deadline has passed."""
    return UnavailableError(f"{service_of(method)} did not answer in time", retry_after=1)


def missing(method: str) -> NeighbourFailedError:
    """Return our error for a method that nobody serves."""
    return NeighbourFailedError(f"{service_of(method)} failed", retry_after=_AGAIN_S)


def noted(error: BookstoreError, method: str) -> BookstoreError:
    """Return the error; log that it was the neighbour's mistake, if it was."""
    if isinstance(error, NeighbourFailedError):
        _LOG.error("our neighbour %s failed at %s", service_of(method), method)
    return error


def service_of(method: str) -> str:
    """Return the service's name from a method's path: /book.v1.BookService/FindBook."""
    return method.rpartition("/")[0].rpartition(".")[2]
