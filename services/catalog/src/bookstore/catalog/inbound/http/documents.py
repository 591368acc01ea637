"""How books, authors, publishers and categories look, and the answers that carry them."""

from hashlib import blake2b
from typing import TypeVar

import msgspec

from bookstore.catalog.application.ports import Shown
from bookstore.catalog.domain.author import Author
from bookstore.catalog.domain.book import Book
from bookstore.catalog.domain.publisher import Publisher
from bookstore.contracts.openapi import catalog as api
from bookstore.kit.http import Reply

FRESH = {"Cache-Control": "public, no-cache"}  # may be kept, but ask whether it still is so
LASTING = {"Cache-Control": "public, max-age=3600"}

DocumentT = TypeVar("DocumentT")

_encode = msgspec.json.Encoder().encode


def book_document(shown: Shown) -> api.Book:
    """Show a book beside its figures, which are null while they are not known."""
    book, figures = shown.book, shown.figures
    return api.Book(
        id=book.id,
        title=book.title,
        isbn=book.isbn,
        price=api.Price(amount=book.price.amount, currency=book.price.currency),
        description=book.description,
        category=api.Category(id=book.category.id, name=book.category.name)
        if book.category
        else None,
        publisher=_publisher(book),
        authors=[api.BookAuthor(id=credit.id, name=credit.name) for credit in book.authors],
        quantity=figures.quantity if figures else None,
        reserved_quantity=figures.reserved if figures else None,
        created_at=book.created_at,
        updated_at=book.updated_at,
    )


def book_reply(status: int, shown: Shown, *, location: str | None = None) -> Reply[api.Book]:
    """Answer with a book.

    Its ETag is the version, which If-Match looks at, and then a digest of all that is shown:
    stock figures, and names that are changed elsewhere, are no part of the version.
    """
    body = _encode(book_document(shown))
    return Reply(
        status,
        msgspec.Raw(body),
        location=location,
        etag=f"{shown.book.version}.{_digest(body)}",
        headers=FRESH,
    )


def author_document(author: Author) -> api.Author:
    """Show an author."""
    return api.Author(
        id=author.id,
        name=author.name,
        created_at=author.created_at,
        updated_at=author.updated_at,
    )


def publisher_document(publisher: Publisher) -> api.Publisher:
    """Show a publisher."""
    return api.Publisher(
        id=publisher.id,
        name=publisher.name,
        address=publisher.address,
        created_at=publisher.created_at,
        updated_at=publisher.updated_at,
    )


def listed(page: DocumentT, *, headers: dict[str, str] = FRESH) -> Reply[DocumentT]:
    """Answer with a page; its ETag is a digest of it."""
    body = _encode(page)
    return Reply(200, msgspec.Raw(body), etag=_digest(body), headers=headers)


def _publisher(book: Book) -> api.BookPublisher | None:
    imprint = book.publisher
    if imprint is None:
        return None
    return api.BookPublisher(id=imprint.id, name=imprint.name, address=imprint.address)


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=8).hexdigest()
