"""Cursors of book lists, for both transports: bound to the filters and the sort."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bookstore.catalog.application.search import BookSearch, BookSort, Position
from bookstore.kit.cursor import decode, encode

_KEYS: dict[BookSort, type[datetime | int | str]] = {
    BookSort.CREATED_AT: datetime,
    BookSort.UPDATED_AT: datetime,
    BookSort.TITLE: str,
    BookSort.PRICE: int,
}
_PAGING = ("limit", "offset", "after")


def continued(search: BookSearch, cursor: str | None) -> BookSearch:
    """Return the search after the cursor; raises CursorInvalidError."""
    if not cursor:
        return search
    return replace(search, after=decode(_asked(search), cursor, _KEYS[search.sort], int))


def cursor_after(search: BookSearch, position: Position | None) -> str | None:
    """Return the cursor of the page which begins after the position, None if there is none."""
    if position is None:
        return None
    return encode(_asked(search), *position)


def _asked(search: BookSearch) -> dict[str, Any]:
    return {name: value for name, value in asdict(search).items() if name not in _PAGING}
