"""What the catalog needs of the world: its tables, the stockroom, and what was sold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bookstore.catalog.application.search import BookSearch, NameSearch, Page
from bookstore.catalog.domain.author import Author, AuthorDraft, AuthorId
from bookstore.catalog.domain.book import Book, BookId, Draft, PriceTag
from bookstore.catalog.domain.category import Category
from bookstore.catalog.domain.isbn import Isbn
from bookstore.catalog.domain.publisher import Publisher, PublisherDraft, PublisherId


class Books(Protocol):
    """All books; the retired ones are kept, but only `prices` shows them."""

    def add(self, draft: Draft, now: datetime) -> BookId:
        """Start selling a book; raises IsbnTakenError."""
        ...

    def replace(self, book: Book, draft: Draft, now: datetime) -> None:
        """Change a book as it was read, which counts up its version.

        Raises IsbnTakenError, or VersionMismatchError if it is not any longer as it was read.
        """
        ...

    def retire(self, book_id: BookId, now: datetime) -> None:
        """Stop selling a book; its ISBN is free again."""
        ...

    def get(self, book_id: BookId) -> Book:
        """Return the book; raises BookNotFoundError."""
        ...

    def search(self, search: BookSearch) -> Page[Book]:
        """Return a page of books."""
        ...

    def with_isbns(self, isbns: Collection[Isbn]) -> Mapping[Isbn, BookId]:
        """Return which books on sale have these ISBNs."""
        ...

    def on_sale(self, book_ids: Collection[BookId]) -> set[BookId]:
        """Return which of the books are on sale."""
        ...

    def prices(self, book_ids: Collection[BookId]) -> Sequence[PriceTag]:
        """Return what these books cost, in the order of their ids, unknown ones left out."""
        ...


class Authors(Protocol):
    """All authors."""

    def add(self, draft: AuthorDraft, now: datetime) -> Author:
        """Keep a new author."""
        ...

    def ensure(self, names: Collection[str], now: datetime) -> Mapping[str, AuthorId]:
        """Return the author of each folded name, new ones included; the oldest of several."""
        ...

    def replace(self, author: Author, draft: AuthorDraft, now: datetime) -> Author:
        """Change an author as it was read; raises VersionMismatchError if it is not any longer."""
        ...

    def delete(self, author_id: AuthorId) -> None:
        """Forget an author; raises AuthorNotFoundError or AuthorInUseError."""
        ...

    def get(self, author_id: AuthorId) -> Author:
        """Return the author; raises AuthorNotFoundError."""
        ...

    def search(self, search: NameSearch) -> Page[Author]:
        """Return a page of authors."""
        ...

    def known(self, author_ids: Collection[AuthorId]) -> set[AuthorId]:
        """Return which of them exist."""
        ...


class Publishers(Protocol):
    """All publishers."""

    def add(self, draft: PublisherDraft, now: datetime) -> Publisher:
        """Keep a new publisher."""
        ...

    def ensure(
        self, drafts: Collection[PublisherDraft], now: datetime
    ) -> Mapping[str, PublisherId]:
        """Return the publisher of each folded name, new ones included; the oldest of several."""
        ...

    def replace(self, publisher: Publisher, draft: PublisherDraft, now: datetime) -> Publisher:
        """Change one as it was read; raises VersionMismatchError if it is not any longer."""
        ...

    def delete(self, publisher_id: PublisherId) -> None:
        """Forget a publisher; raises PublisherNotFoundError or PublisherInUseError."""
        ...

    def exists(self, publisher_id: PublisherId) -> bool:
        """Whether there is such a publisher."""
        ...

    def get(self, publisher_id: PublisherId) -> Publisher:
        """Return the publisher; raises PublisherNotFoundError."""
        ...

    def search(self, search: NameSearch) -> Page[Publisher]:
        """Return a page of publishers; `book_id` does not filter them."""
        ...


class Categories(Protocol):
    """All categories."""

    def all(self) -> Sequence[Category]:
        """Return the categories by id."""
        ...


class Feeds(Protocol):
    """Which book each feed's ids mean."""

    def known(self, feed: str, feed_ids: Collection[str]) -> Mapping[str, BookId]:
        """Return the books, retired ones too, that the feed's ids mean."""
        ...

    def claimed(self, feed: str, book_ids: Collection[BookId]) -> set[BookId]:
        """Return which of the books an id of the feed means already."""
        ...

    def remember(self, feed: str, books: Mapping[str, BookId]) -> None:
        """Keep what new ids of the feed mean."""
        ...

    def is_complete(self, feed: str) -> bool:
        """Whether the feed was once loaded to its end."""
        ...

    def complete(self, feed: str, now: datetime) -> None:
        """Keep that the feed was loaded to its end."""
        ...


class Store(Protocol):
    """All of the catalog's tables, within one transaction."""

    @property
    def books(self) -> Books:
        """The books."""
        ...

    @property
    def authors(self) -> Authors:
        """The authors."""
        ...

    @property
    def publishers(self) -> Publishers:
        """The publishers."""
        ...

    @property
    def categories(self) -> Categories:
        """The categories."""
        ...

    @property
    def feeds(self) -> Feeds:
        """The feeds' ids."""
        ...


@dataclass(frozen=True, slots=True)
class Figures:
    """How many copies there are in all warehouses, and how many of them orders hold."""

    quantity: int
    reserved: int


NOT_STOCKED = Figures(0, 0)


class Stockroom(Protocol):
    """The copies of our books, kept by inventory."""

    async def figures(self, book_ids: Collection[BookId]) -> Mapping[BookId, Figures]:
        """Return the figures of those books that are stocked; raises UnavailableError."""
        ...

    async def stock(self, copies: Mapping[BookId, int]) -> int:
        """Stock those books which are stocked nowhere yet; return how many these were.

        Raises UnavailableError; repeating it changes nothing.
        """
        ...


class Sales(Protocol):
    """What was ever ordered, known to order."""

    async def ordered(self, book_id: BookId) -> bool:
        """Whether the book was ever ordered; raises UnavailableError."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A book beside its figures, which are None while inventory cannot be asked."""

    book: Book
    figures: Figures | None = None
