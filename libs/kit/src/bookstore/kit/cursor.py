"""Cursors: where a page ended, opaque to clients and bound to what was asked.

A cursor holds the sort key and the id of a page's last row, so that rows which come in between
never repeat or hide another; and a digest of the filters and the sort, so that it cannot be
taken for another list's. Anybody can write one, so nothing of it is believed: a key and an id
that are not of their types, or that no database can hold, are refused here, for every list.
"""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from bookstore.kit.errors import FieldError, InvalidError

KeyT = TypeVar("KeyT", bound=datetime | int | str)
RowT = TypeVar("RowT", bound=int | UUID)
ValueT = TypeVar("ValueT", bound=datetime | int | str | UUID)

_FORMS: Mapping[type, Any] = {
    datetime: Annotated[datetime, Meta(tz=True)],
    int: Annotated[int, Meta(ge=0, le=2**63 - 1)],
    str: str,
    UUID: UUID,
}


class CursorInvalidError(InvalidError):
    """The cursor is not one of ours, or belongs to other filters or another sort."""

    code = "cursor-invalid"

    def __init__(self) -> None:
        """Point at the parameter."""
        message = "start again without a cursor, or keep its filters and sort"
        super().__init__(message, FieldError(pointer="cursor", code=self.code, message=message))


class CursorWithOffsetError(InvalidError):
    """A page begins at a cursor or at an offset, not at both."""

    code = "cursor-with-offset"

    def __init__(self) -> None:
        """Point at the parameter."""
        message = "name a cursor or an offset, not both"
        super().__init__(message, FieldError(pointer="offset", code=self.code, message=message))


def skipped(offset: int | None, cursor: str | None) -> int:
    """Return how many rows to skip; raises CursorWithOffsetError, whatever the offset is."""
    if offset is not None and cursor is not None:
        raise CursorWithOffsetError
    return offset or 0


def encode(asked: object, key: datetime | int | str, row: int | UUID) -> str:
    """Return the cursor after the row with that sort key and id.

    `asked` is anything that tells this list from others: its filters and its sort.
    """
    document = msgspec.json.encode([_digest(asked), [key, row]])
    return base64.urlsafe_b64encode(document).rstrip(b"=").decode()


def decode(asked: object, cursor: str, key: type[KeyT], row: type[RowT]) -> tuple[KeyT, RowT]:
    """Return the sort key and the id that `encode` was given; raises CursorInvalidError."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        document = base64.b64decode(padded, altchars=b"-_", validate=True)
        digest, last = msgspec.json.decode(document, type=tuple[str, tuple[Any, Any]])
        after = _believed(last[0], key), _believed(last[1], row)
    except (ValueError, OverflowError) as error:  # an instant before the year 1 in UTC overflows
        raise CursorInvalidError from error
    if digest != _digest(asked):
        raise CursorInvalidError
    return after


def _believed(value: object, type_: type[ValueT]) -> ValueT:
    believed: ValueT = msgspec.convert(value, _FORMS[type_])
    return believed.astimezone(UTC) if isinstance(believed, datetime) else believed


def _digest(asked: object) -> str:
    return blake2b(msgspec.json.encode(asked, order="sorted"), digest_size=9).hexdigest()
