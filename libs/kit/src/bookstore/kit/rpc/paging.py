"""Which part of a list another service asks for: `common.v1.PageRequest`, with REST's limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from bookstore.kit.cursor import CursorInvalidError, CursorWithOffsetError
from bookstore.kit.errors import FieldError, InvalidError

LARGEST_PAGE: Final = 100
_USUAL_PAGE: Final = 10
_LARGEST_OFFSET: Final = 1_000_000
_UNSPECIFIED, _ASCENDING, _DESCENDING = range(3)  # common.v1.SortOrder


class PageInvalidError(InvalidError):
    """The page that is asked for cannot be: its size, its offset, its sort or its order."""

    code = "page-invalid"

    def __init__(self, pointer: str, message: str) -> None:
        """Point at the field."""
        super().__init__(message, FieldError(pointer=pointer, code=self.code, message=message))


class PageRequest(Protocol):
    """What `common.v1.PageRequest` says; a field that is 0 or empty is one that nobody set."""

    @property
    def sort(self) -> str: ...

    @property
    def order(self) -> int: ...

    @property
    def limit(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def cursor(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list is wanted, in which order."""

    sort: str
    descending: bool
    limit: int
    offset: int
    cursor: str | None


def part_of(page: PageRequest, sorts: Iterable[str], *, has_cursors: bool) -> Part:
    """Return which part of a list with these sorts is wanted.

    Raises PageInvalidError, CursorWithOffsetError, and CursorInvalidError where the list has no
    cursors; those that it has are for `kit.cursor` to judge.
    """
    sort = page.sort or "created_at"
    if sort not in set(sorts):
        raise PageInvalidError("page.sort", f"{page.sort!r} is no sort of this list")
    if page.order not in (_UNSPECIFIED, _ASCENDING, _DESCENDING):
        raise PageInvalidError("page.order", f"{page.order} is no order")
    if not 0 <= page.limit <= LARGEST_PAGE:
        raise PageInvalidError("page.limit", f"a page has 1 to {LARGEST_PAGE} items")
    if not 0 <= page.offset <= _LARGEST_OFFSET:
        raise PageInvalidError("page.offset", f"an offset is 0 to {_LARGEST_OFFSET}")
    if page.cursor and page.offset:
        raise CursorWithOffsetError
    if page.cursor and not has_cursors:
        raise CursorInvalidError
    return Part(
        sort=sort,
        descending=page.order != _ASCENDING,
        limit=page.limit or _USUAL_PAGE,
        offset=page.offset,
        cursor=page.cursor or None,
    )
