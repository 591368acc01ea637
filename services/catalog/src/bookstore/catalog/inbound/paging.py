"""Cursors of book lists, for both transports: bound to the filters and the sort."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bookstore.catalog.application.search import BookSearch, BookSort, Position
from bookstore.kit.cursor import CursorInvalidError, decode, encode
from bookstore.kit.errors import FieldError, InvalidError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST_INSTANT = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_PAGING = ("limit", "offset", "after")


class CursorWithOffsetError(InvalidError):
    """A page begins at a cursor or at an offset, not at both."""

    code = "cursor-with-offset"

    def __init__(self) -> None:
        """Point at the parameter."""
        message = "name a cursor or an offset, not both"
        super().__init__(message, FieldError(pointer="offset", code=self.code, message=message))


def continued(search: BookSearch, cursor: str | None) -> BookSearch:
    """Return the search after the cursor; raises CursorInvalidError or CursorWithOffsetError."""
    if not cursor:
        return search
    if search.offset:
        raise CursorWithOffsetError
    return replace(search, after=_position(search.sort, decode(_asked(search), cursor)))


def cursor_after(search: BookSearch, position: Position | None) -> str | None:
    """Return the cursor of the page which begins after the position, None if there is none."""
    if position is None:
        return None
    key, last_id = position
    if isinstance(key, datetime):
        key = (key - _EPOCH) // _MICROSECOND
    return encode(_asked(search), [key, last_id])


def _asked(search: BookSearch) -> dict[str, Any]:
    return {name: value for name, value in asdict(search).items() if name not in _PAGING}


def _position(sort: BookSort, last: list[Any]) -> Position:
    """Believe nothing of what a cursor says: anybody can write one."""
    match sort, last:
        case BookSort.TITLE, [str(key), int(last_id)] if _are_counts(last_id):
            return key, last_id
        case BookSort.PRICE, [int(key), int(last_id)] if _are_counts(key, last_id):
            return key, last_id
        case _, [int(key), int(last_id)] if _are_counts(key, last_id) and key <= _LAST_INSTANT:
            return _EPOCH + timedelta(microseconds=key), last_id
    raise CursorInvalidError


def _are_counts(*numbers: int) -> bool:
    return all(type(number) is int and 0 <= number < 2**63 for number in numbers)
