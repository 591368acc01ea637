"""Finding books, and what they cost: the reads of the catalogue."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bookstore.catalog.application.ports import (
    NOT_STOCKED,
    Figures,
    Shown,
    Stockroom,
    Store,
)
from bookstore.catalog.application.search import BookSearch, Page
from bookstore.catalog.domain.book import Book, BookId, PriceTag
from bookstore.kit.errors import UnavailableError
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class FindBooks:
    """Finds books, and shows them beside what inventory says of them.

    While inventory cannot be asked, the catalogue goes on without figures.
    """

    read: Transact[Store]
    glance: Transact[Store]
    stockroom: Stockroom

    async def get(self, book_id: BookId) -> Shown:
        """Look at one book; raises BookNotFoundError."""
        book = await self.glance(lambda store: store.books.get(book_id))
        return self._shown(book, await self._figures([book_id]))

    async def search(self, search: BookSearch) -> Page[Shown]:
        """Look around."""
        page = await self.read(lambda store: store.books.search(search))
        figures = await self._figures([book.id for book in page.items])
        shown = [self._shown(book, figures) for book in page.items]
        return Page(page.total, shown, page.after)

    async def plain(self, search: BookSearch) -> Page[Book]:
        """Look around without asking how many copies there are."""
        return await self.read(lambda store: store.books.search(search))

    async def one(self, book_id: BookId) -> Book:
        """Look at one book without its figures; raises BookNotFoundError."""
        return await self.glance(lambda store: store.books.get(book_id))

    async def prices(self, book_ids: Collection[BookId]) -> Sequence[PriceTag]:
        """Say what books cost, whether they are on sale or retired; unknown ones are left out."""
        return await self.glance(lambda store: store.books.prices(book_ids))

    async def _figures(self, book_ids: Collection[BookId]) -> Mapping[BookId, Figures] | None:
        if not book_ids:
            return {}
        try:
            return await self.stockroom.figures(book_ids)
        except UnavailableError:
            return None

    @staticmethod
    def _shown(book: Book, figures: Mapping[BookId, Figures] | None) -> Shown:
        return Shown(book, None if figures is None else figures.get(book.id, NOT_STOCKED))
