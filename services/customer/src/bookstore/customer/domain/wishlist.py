"""A wish list: books in the order in which they were added, each once."""

from collections.abc import Sequence
from typing import NewType

from bookstore.kit.errors import FieldError, InvalidError

BookId = NewType("BookId", int)

MOST = 1000
"""Books that one list holds."""


class UnknownBookError(InvalidError):
    """We do not sell a book that is named."""

    code = "unknown-book"


class WishlistFullError(InvalidError):
    """A wish list holds a thousand books at most."""

    code = "wishlist-full"


def wished(*parts: Sequence[BookId]) -> list[BookId]:
    """Return the books of all parts, each where it first came; raises WishlistFullError."""
    books = list(dict.fromkeys(book for part in parts for book in part))
    if len(books) > MOST:
        raise WishlistFullError(f"that would be {len(books)} books, {MOST} are the most")
    return books


def refuse_unknown(named: Sequence[BookId], unknown: set[BookId]) -> None:
    """Raise UnknownBookError with a pointer to each named book that is unknown."""
    fields = [
        FieldError(
            pointer=f"/book_ids/{index}",
            code="unknown-book",
            message=f"we do not sell book {book}",
        )
        for index, book in enumerate(named)
        if book in unknown
    ]
    if fields:
        raise UnknownBookError(fields[0].message, *fields)
