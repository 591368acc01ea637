"""Keeping the catalogue's books: adding, changing and retiring them."""

from dataclasses import dataclass

from bookstore.catalog.application.ports import NOT_STOCKED, Sales, Shown, Stockroom, Store
from bookstore.catalog.domain.book import (
    Book,
    BookId,
    BookInUseError,
    Draft,
    UnknownReferenceError,
)
from bookstore.kit.clock import Clock
from bookstore.kit.errors import UnavailableError
from bookstore.kit.precondition import Precondition
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class AddBook:
    """Starts selling a book."""

    transact: Transact[Store]
    clock: Clock

    async def __call__(self, draft: Draft) -> Shown:
        """Add it; raises IsbnTakenError or UnknownReferenceError. Nothing is stocked yet."""

        def add(store: Store) -> Book:
            _must_know_references(store, draft)
            return store.books.get(store.books.add(draft, self.clock.now()))

        return Shown(await self.transact(add), NOT_STOCKED)


@dataclass(frozen=True, slots=True)
class ReplaceBook:
    """Changes what we say of a book."""

    transact: Transact[Store]
    stockroom: Stockroom
    clock: Clock

    async def __call__(self, book_id: BookId, draft: Draft, seen: Precondition) -> Shown:
        """Change it, if it still is as it was seen.

        Raises BookNotFoundError, VersionRequiredError, VersionMismatchError, IsbnTakenError or
        UnknownReferenceError.
        """

        def replace(store: Store) -> Book:
            book = store.books.get(book_id)
            seen.check(book.version)
            _must_know_references(store, draft)
            store.books.replace(book, draft, self.clock.now())
            return store.books.get(book_id)

        book = await self.transact(replace)
        try:
            figures = await self.stockroom.figures([book_id])
        except UnavailableError:
            return Shown(book)
        return Shown(book, figures.get(book_id, NOT_STOCKED))


@dataclass(frozen=True, slots=True)
class RetireBook:
    """Stops selling a book that nobody stocks or ever ordered.

    Its row is kept, so that an order or a stock row made at the same moment still has something
    to stand on.
    """

    transact: Transact[Store]
    stockroom: Stockroom
    sales: Sales
    clock: Clock

    async def __call__(self, book_id: BookId) -> None:
        """Retire it; raises BookNotFoundError, BookInUseError or UnavailableError."""
        await self.transact(lambda store: store.books.get(book_id))
        if book_id in await self.stockroom.figures([book_id]):
            raise BookInUseError(f"book {book_id} is stocked")
        if await self.sales.ordered(book_id):
            raise BookInUseError(f"book {book_id} was ordered")

        def retire(store: Store) -> None:
            store.books.get(book_id)
            store.books.retire(book_id, self.clock.now())

        await self.transact(retire)


def _must_know_references(store: Store, draft: Draft) -> None:
    categories = {category.id for category in store.categories.all()}
    if draft.category_id is not None and draft.category_id not in categories:
        raise UnknownReferenceError("category", draft.category_id, "/category_id")
    if draft.publisher_id is not None and not store.publishers.exists(draft.publisher_id):
        raise UnknownReferenceError("publisher", draft.publisher_id, "/publisher_id")
    known = store.authors.known(draft.author_ids)
    for place, author_id in enumerate(draft.author_ids):
        if author_id not in known:
            raise UnknownReferenceError("author", author_id, f"/author_ids/{place}")
