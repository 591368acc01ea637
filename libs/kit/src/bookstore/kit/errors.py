"""Everything that can go wrong on purpose; the inside raises it, the edges translate it.

BookstoreError
├── InvalidError        it breaks a rule of the business, and always will
├── NotFoundError       there is no such thing, or it is not yours
├── ConflictError       it contradicts what is already so
├── ForbiddenError      you may not
│   └── UnauthenticatedError    … since we do not know who you are
└── UnavailableError    not now; try again
    └── ThrottledError          … since you tried too often

Each error that a client can meet is a class of its own with a stable `code`; the page of all
codes (`/docs/errors`) is made by walking this tree.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one field.

    `pointer` is a JSON Pointer (RFC 6901) into the body, or a parameter's name; `available`
    is how many copies there are, where a line asks for more.
    """

    pointer: str
    code: str
    message: str
    available: int | None = None


class BookstoreError(Exception):
    """Something went wrong on our side: name `trace_id` when you ask us about it."""

    kind: ClassVar[str] = "internal"
    code: str = "internal"

    def __init__(
        self,
        detail: str,
        *fields: FieldError,
        code: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        """Say what happened; `code` is for failures that come from another service."""
        super().__init__(detail)
        self.detail = detail
        self.fields = fields
        self.retry_after = retry_after
        if code is not None:
            self.code = code


class InvalidError(BookstoreError):
    """It breaks a rule of the business, and always will."""

    kind = "invalid"
    code = "invalid"


class NotFoundError(BookstoreError):
    """There is no such thing, or it is not yours."""

    kind = "not-found"
    code = "not-found"


class ConflictError(BookstoreError):
    """It contradicts what is already so."""

    kind = "conflict"
    code = "conflict"


class ForbiddenError(BookstoreError):
    """You may not."""

    kind = "forbidden"
    code = "forbidden"


class UnavailableError(BookstoreError):
    """Not now; try again."""

    kind = "unavailable"
    code = "unavailable"


class UnauthenticatedError(ForbiddenError):
    """We do not know who you are: a valid access token, or the right password, is needed."""

    kind = "unauthenticated"
    code = "unauthenticated"
    challenge: ClassVar[str] = "Bearer"  # what would help, as WWW-Authenticate says it


class ThrottledError(UnavailableError):
    """You tried too often: wait as long as Retry-After says."""

    kind = "throttled"
    code = "too-many-requests"


class VersionMismatchError(ConflictError):
    """It has changed since the version named by If-Match: read it again, then decide."""

    code = "version-mismatch"


class VersionRequiredError(InvalidError):
    """If-Match is needed, so that nobody overwrites what they have not seen."""

    code = "version-required"


class IdempotencyKeyReusedError(InvalidError):
    """The key was used for another request: one key per attempt."""

    code = "idempotency-key-reused"


class StorageFullError(UnavailableError):
    """The disk is full: nothing is written until there is room; reads go on."""

    code = "storage-full"


class NeighbourFailedError(UnavailableError):
    """A service that is needed for it made a mistake of its own: try again, or tell us.

    It may be done or not; asking again is safe under the same Idempotency-Key.
    """

    code = "neighbour-failed"


class ContendedError(UnavailableError):
    """Others were quicker or in the way: nothing was done, and it may well succeed next time."""

    code = "contended"


class BusyError(UnavailableError):
    """More is asked for at once than can be done: nothing was done; try again a little later."""

    code = "busy"


class OutcomeUnknownError(UnavailableError):
    """The database was lost in the middle of saving: look whether it is done, or ask again.

    Asking again is safe under the same Idempotency-Key.
    """

    code = "outcome-unknown"
