"""Fakes of what the catalog's neighbours know: the stockroom and the sales."""

from collections.abc import Collection, Mapping

from bookstore.catalog.application.ports import Figures, Sales, Stockroom
from bookstore.catalog.domain.book import BookId
from bookstore.kit.errors import UnavailableError


class MemoryStockroom(Stockroom):
    """A stockroom whose door can be shut."""

    def __init__(self) -> None:
        self.shelves: dict[BookId, Figures] = {}
        self.is_shut = False

    async def figures(self, book_ids: Collection[BookId]) -> Mapping[BookId, Figures]:
        self._must_be_open()
        return {key: self.shelves[key] for key in book_ids if key in self.shelves}

    async def stock(self, copies: Mapping[BookId, int]) -> int:
        self._must_be_open()
        new = {
            key: Figures(number, 0) for key, number in copies.items() if key not in self.shelves
        }
        self.shelves |= new
        return len(new)

    def _must_be_open(self) -> None:
        if self.is_shut:
            raise UnavailableError("inventory cannot be asked")


class MemorySales(Sales):
    """Sales that a test writes down."""

    def __init__(self) -> None:
        self.books: set[BookId] = set()

    async def ordered(self, book_id: BookId) -> bool:
        return book_id in self.books
