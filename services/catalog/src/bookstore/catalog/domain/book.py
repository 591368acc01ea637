"""What a book is: a record with a title, a price, and perhaps an ISBN.

NotFoundError
├── BookNotFoundError
ConflictError
├── IsbnTakenError
└── BookInUseError
InvalidError
├── PriceInvalidError
└── UnknownReferenceError
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from bookstore.catalog.domain.author import AuthorId
from bookstore.catalog.domain.category import Category, CategoryId
from bookstore.catalog.domain.isbn import Isbn
from bookstore.catalog.domain.publisher import PublisherId
from bookstore.catalog.domain.text import DESCRIPTION_LENGTH, TITLE_LENGTH, readable
from bookstore.kit.errors import ConflictError, FieldError, InvalidError, NotFoundError
from bookstore.kit.money import Money

BookId = NewType("BookId", int)

HIGHEST_PRICE = 1_000_000_000
MOST_AUTHORS = 100


class BookNotFoundError(NotFoundError):
    """There is no such book, or it was retired."""

    code = "book-not-found"

    def __init__(self, book_id: int) -> None:
        """Name the book."""
        super().__init__(f"there is no book {book_id}")


class IsbnTakenError(ConflictError):
    """Another book has this ISBN."""

    code = "isbn-taken"

    def __init__(self, isbn: str) -> None:
        """Name the ISBN."""
        message = f"another book has the ISBN {isbn}"
        super().__init__(message, FieldError(pointer="/isbn", code=self.code, message=message))


class BookInUseError(ConflictError):
    """The book is stocked, or was ordered: it cannot be deleted."""

    code = "in-use"


class PriceInvalidError(InvalidError):
    """The price is not an amount that a book can cost."""

    code = "price-invalid"

    def __init__(self, message: str) -> None:
        """Point at the price."""
        super().__init__(message, FieldError(pointer="/price", code=self.code, message=message))


class UnknownReferenceError(InvalidError):
    """A category, publisher or author that the body names does not exist."""

    code = "unknown-reference"

    def __init__(self, noun: str, unknown_id: int, pointer: str) -> None:
        """Point at the reference."""
        message = f"there is no {noun} {unknown_id}"
        super().__init__(message, FieldError(pointer=pointer, code=self.code, message=message))


class AuthorRepeatedError(InvalidError):
    """A book names an author twice: each is on the title page once."""

    code = "author-repeated"

    def __init__(self, author_id: AuthorId, pointer: str) -> None:
        """Point at the repetition."""
        message = f"author {author_id} is named already"
        super().__init__(message, FieldError(pointer=pointer, code=self.code, message=message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is said of a book to add it, or to change it; authors as on the title page."""

    title: str
    isbn: Isbn | None = None
    price: Money
    description: str | None = None
    category_id: CategoryId | None = None
    publisher_id: PublisherId | None = None
    author_ids: tuple[AuthorId, ...] = ()

    def __post_init__(self) -> None:
        """Normalise the text; raises TextInvalidError or PriceInvalidError."""
        put = object.__setattr__
        put(self, "title", readable(self.title, "/title", TITLE_LENGTH))
        if self.description is not None:
            text = readable(self.description, "/description", DESCRIPTION_LENGTH, lines=True)
            put(self, "description", text)
        if not 0 <= self.price.amount <= HIGHEST_PRICE:
            raise PriceInvalidError(f"a price is 0 to {HIGHEST_PRICE} minor units")
        put(self, "author_ids", tuple(dict.fromkeys(self.author_ids)))


@dataclass(frozen=True, slots=True)
class Credit:
    """An author, as a book names them."""

    id: AuthorId
    name: str


@dataclass(frozen=True, slots=True)
class Imprint:
    """A publisher, as a book names it."""

    id: PublisherId
    name: str
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A book on sale, with all that people want to read of it."""

    id: BookId
    title: str
    isbn: Isbn | None
    price: Money
    description: str | None
    category: Category | None
    publisher: Imprint | None
    authors: tuple[Credit, ...]
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class PriceTag:
    """What checkout has to know of a book, whether it is still on sale or not."""

    book_id: BookId
    title: str
    price: Money
    retired: bool
