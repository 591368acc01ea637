"""The catalog's tables in memory: the fake of every repository port."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from bookstore.catalog.application.ports import (
    Books,
    Categories,
    Feeds,
)
from bookstore.catalog.application.search import BookSearch, BookSort, Page
from bookstore.catalog.domain.book import (
    Book,
    BookId,
    BookNotFoundError,
    Credit,
    Draft,
    Imprint,
    IsbnTakenError,
    PriceTag,
)
from bookstore.catalog.domain.category import Category, CategoryId
from bookstore.catalog.domain.isbn import Isbn
from bookstore.catalog.domain.publisher import (
    PublisherId,
)
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.text import fold
from services.catalog.tests.memory_names import MemoryAuthors, MemoryPublishers

CATEGORIES = [
    "Art",
    "Business",
    "Children",
    "Comic",
    "Cookbook",
    "Education",
    "Engineering",
    "Fiction",
    "Health",
    "History",
    "Magazine",
    "Novel",
    "Poetry",
    "Science",
    "Sports",
    "Technology",
    "Travel",
    "Agile",
    "Software Architecture",
    "Data Engineering",
    "Coding Practices",
    "Refactoring",
    "Kubernetes",
]


class MemoryStore:
    """Dictionaries instead of tables."""

    def __init__(self) -> None:
        self.books = MemoryBooks(self)
        self.authors = MemoryAuthors(self.books.drafts)
        self.publishers = MemoryPublishers(self.books.drafts)
        self.categories = MemoryCategories()
        self.feeds = MemoryFeeds()


class MemoryCategories(Categories):
    def all(self) -> Sequence[Category]:
        return [Category(CategoryId(key), name) for key, name in enumerate(CATEGORIES, 1)]


class MemoryFeeds(Feeds):
    def __init__(self) -> None:
        self._books: dict[tuple[str, str], BookId] = {}
        self._complete: dict[str, datetime] = {}

    def known(self, feed: str, feed_ids: Collection[str]) -> Mapping[str, BookId]:
        return {key: self._books[feed, key] for key in feed_ids if (feed, key) in self._books}

    def claimed(self, feed: str, book_ids: Collection[BookId]) -> set[BookId]:
        mine = {book_id for (name, _), book_id in self._books.items() if name == feed}
        return mine & set(book_ids)

    def remember(self, feed: str, books: Mapping[str, BookId]) -> None:
        self._books |= {(feed, key): book_id for key, book_id in books.items()}

    def is_complete(self, feed: str) -> bool:
        return feed in self._complete

    def complete(self, feed: str, now: datetime) -> None:
        self._complete[feed] = now


class MemoryBooks(Books):
    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._ids = count(1)
        self._rows: dict[BookId, tuple[Draft, datetime, datetime, int]] = {}
        self._retired: dict[BookId, tuple[Draft, datetime]] = {}

    def add(self, draft: Draft, now: datetime) -> BookId:
        self._must_be_free(draft, but=None)
        book_id = BookId(next(self._ids))
        self._rows[book_id] = (draft, now, now, 1)
        return book_id

    def replace(self, book: Book, draft: Draft, now: datetime) -> None:
        _, created_at, _, version = self._rows[book.id]
        if version != book.version:
            raise VersionMismatchError("changed meanwhile")
        self._must_be_free(draft, but=book.id)
        self._rows[book.id] = (draft, created_at, now, version + 1)

    def retire(self, book_id: BookId, now: datetime) -> None:
        if book_id not in self._rows:
            raise BookNotFoundError(book_id)
        self._retired[book_id] = (self._rows.pop(book_id)[0], now)

    def get(self, book_id: BookId) -> Book:
        if book_id not in self._rows:
            raise BookNotFoundError(book_id)
        draft, created_at, updated_at, version = self._rows[book_id]
        names = {category.id: category for category in self._store.categories.all()}
        return Book(
            id=book_id,
            title=draft.title,
            isbn=draft.isbn,
            price=draft.price,
            description=draft.description,
            category=names[draft.category_id] if draft.category_id else None,
            publisher=self._imprint(draft.publisher_id) if draft.publisher_id else None,
            authors=tuple(
                Credit(key, self._store.authors.get(key).name) for key in draft.author_ids
            ),
            created_at=created_at,
            updated_at=updated_at,
            version=version,
        )

    def search(self, search: BookSearch) -> Page[Book]:
        found = [book for book in map(self.get, self._rows) if _matches(book, search)]
        key = _book_key(search.sort)
        ordered = sorted(found, key=lambda book: (key(book), book.id), reverse=search.descending)
        total = len(ordered)
        if search.after is not None:
            last = search.after
            ordered = [
                book
                for book in ordered
                if ((key(book), book.id) < last) == search.descending
                and (key(book), book.id) != last
            ]
        page = ordered[search.offset : search.offset + search.limit]
        more = len(ordered) > search.offset + search.limit
        return Page(total, page, (key(page[-1]), page[-1].id) if more else None)

    def with_isbns(self, isbns: Collection[Isbn]) -> Mapping[Isbn, BookId]:
        return {
            draft.isbn: book_id
            for book_id, (draft, *_) in self._rows.items()
            if draft.isbn and draft.isbn in isbns
        }

    def on_sale(self, book_ids: Collection[BookId]) -> set[BookId]:
        return set(book_ids) & self._rows.keys()

    def prices(self, book_ids: Collection[BookId]) -> Sequence[PriceTag]:
        every = {key: (draft, False) for key, (draft, *_) in self._rows.items()}
        every |= {key: (draft, True) for key, (draft, _) in self._retired.items()}
        return [
            PriceTag(key, draft.title, draft.price, retired)
            for key, (draft, retired) in sorted(every.items())
            if key in book_ids
        ]

    def drafts(self) -> dict[BookId, Draft]:
        return {key: draft for key, (draft, *_) in self._rows.items()}

    def _imprint(self, publisher_id: PublisherId) -> Imprint:
        publisher = self._store.publishers.get(publisher_id)
        return Imprint(publisher.id, publisher.name, publisher.address)

    def _must_be_free(self, draft: Draft, *, but: BookId | None) -> None:
        for book_id, (other, *_) in self._rows.items():
            if draft.isbn and other.isbn == draft.isbn and book_id != but:
                raise IsbnTakenError(draft.isbn)


def _matches(book: Book, search: BookSearch) -> bool:
    publisher = fold(book.publisher.name) if book.publisher else ""
    amount, currency = book.price.amount, book.price.currency
    return (
        (search.title is None or search.title in fold(book.title))
        and (search.publisher is None or search.publisher in publisher)
        and (not search.author_ids or bool({a.id for a in book.authors} & {*search.author_ids}))
        and (
            search.category_id is None
            or (book.category is not None and book.category.id == search.category_id)
        )
        and (search.isbn is None or book.isbn == search.isbn)
        and (not search.ids or book.id in search.ids)
        and (search.currency is None or currency == search.currency)
        and (search.price_from is None or amount >= search.price_from)
        and (search.price_to is None or amount <= search.price_to)
    )


def _book_key(sort: BookSort) -> Callable[[Book], Any]:
    return {
        BookSort.CREATED_AT: lambda book: book.created_at,
        BookSort.UPDATED_AT: lambda book: book.updated_at,
        BookSort.TITLE: lambda book: fold(book.title)[:100],
        BookSort.PRICE: lambda book: book.price.amount,
    }[sort]
