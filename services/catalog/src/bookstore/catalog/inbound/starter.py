"""The starter catalogue's file, and the job that loads it when the store first starts."""

import asyncio
from pathlib import Path

import msgspec
from msgspec import Struct

from bookstore.catalog.application.load_starter import LoadStarter, Starter
from bookstore.catalog.domain.feed_book import FeedBook
from bookstore.catalog.domain.isbn import isbn13
from bookstore.catalog.domain.publisher import PublisherDraft
from bookstore.kit.errors import UnavailableError
from bookstore.kit.money import Money

_PAUSE = 0.2  # seconds before inventory is asked again


class StarterMissingError(UnavailableError):
    """The store has just been founded: its first books are being put on the shelves."""

    code = "starter-missing"


class _Price(Struct, forbid_unknown_fields=True):
    amount: int
    currency: str


class _Publisher(Struct, forbid_unknown_fields=True):
    name: str
    address: str | None


class _Book(Struct, forbid_unknown_fields=True):
    title: str
    isbn: str | None
    authors: list[str]
    publisher: str | None
    category: str | None
    price: _Price
    description: str | None
    quantity: int


class _File(Struct, forbid_unknown_fields=True):
    publishers: list[_Publisher]
    books: list[_Book]


def read_starter(content: bytes) -> Starter:
    """Read data/starter/books.json; a book is known by its ISBN, else by its title."""
    file = msgspec.json.decode(content, type=_File)
    return Starter(
        [PublisherDraft(publisher.name, publisher.address) for publisher in file.publishers],
        [(_book(book), book.quantity) for book in file.books],
    )


def _book(book: _Book) -> FeedBook:
    return FeedBook(
        book_id=book.isbn or book.title[:64],
        title=book.title,
        isbn=None if book.isbn is None else isbn13(book.isbn),
        price=Money(book.price.amount, book.price.currency),
        authors=tuple(book.authors),
        category=book.category,
        publisher=book.publisher,
        description=book.description,
        notes=(),
    )


class StarterJob:
    """Loads the file, waiting for inventory if need be; without a file there is nothing to do."""

    def __init__(self, load: LoadStarter, file: Path | None) -> None:
        self._load = load
        self._file = file
        self._done = file is None

    async def run(self) -> None:
        """Load it once."""
        while self._file is not None and not self._done:
            try:
                await self._load(read_starter(self._file.read_bytes()))
                self._done = True
            except UnavailableError:
                await asyncio.sleep(_PAUSE)

    def must_be_done(self) -> None:
        """Raise StarterMissingError while it is not."""
        if not self._done:
            raise StarterMissingError("the starter catalogue is being loaded")
