"""What lists are asked for, and what they answer: a page with a total and a way on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from bookstore.catalog.domain.author import AuthorId
from bookstore.catalog.domain.book import BookId
from bookstore.catalog.domain.category import CategoryId

ItemT = TypeVar("ItemT")

Position = tuple[datetime | str | int, int]  # the sort key and the id of a page's last row


class BookSort(StrEnum):
    """By what books are sorted; the id decides between equals."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    TITLE = "title"
    PRICE = "price"


class NameSort(StrEnum):
    """By what authors and publishers are sorted; the id decides between equals."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSearch:
    """Which books are wanted; what is None or empty does not filter.

    `title` and `publisher` are parts of a title and of a publisher's name, folded; a book is by
    *any* of the authors. `after` is the position where the page before ended.
    """

    title: str | None = None
    publisher: str | None = None
    author_ids: tuple[AuthorId, ...] = ()
    category_id: CategoryId | None = None
    isbn: str | None = None
    ids: tuple[BookId, ...] = ()
    currency: str | None = None
    price_from: int | None = None
    price_to: int | None = None
    sort: BookSort = BookSort.CREATED_AT
    descending: bool = True
    limit: int = 10
    offset: int = 0
    after: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSearch:
    """Which authors or publishers are wanted: by a part of the name, folded, or of a book."""

    name: str | None = None
    book_id: BookId | None = None
    sort: NameSort = NameSort.CREATED_AT
    descending: bool = True
    limit: int = 10
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT]):
    """Some of the items, how many there are in all, and where the next page begins."""

    total: int
    items: Sequence[ItemT]
    after: Position | None = None
