"""How books, authors, publishers and categories look in gRPC."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from bookstore.catalog.domain.author import Author
from bookstore.catalog.domain.book import Book, PriceTag
from bookstore.catalog.domain.category import Category
from bookstore.catalog.domain.publisher import Publisher
from bookstore.contracts.proto.author.v1 import author_pb2
from bookstore.contracts.proto.book.v1 import book_pb2
from bookstore.contracts.proto.category.v1 import category_pb2
from bookstore.contracts.proto.common.v1 import money_pb2
from bookstore.contracts.proto.publisher.v1 import publisher_pb2
from bookstore.kit.money import Money


def book(found: Book) -> book_pb2.Book:
    """Say what a book is; whom it credits comes without history."""
    imprint = found.publisher
    return book_pb2.Book(
        id=found.id,
        title=found.title,
        isbn=found.isbn,
        price=_money(found.price),
        description=found.description,
        category=category(found.category) if found.category else None,
        publisher=publisher_pb2.Publisher(
            id=imprint.id, name=imprint.name, address=imprint.address
        )
        if imprint
        else None,
        authors=[author_pb2.Author(id=credit.id, name=credit.name) for credit in found.authors],
        created_at=_instant(found.created_at),
        updated_at=_instant(found.updated_at),
        version=found.version,
    )


def price(tag: PriceTag) -> book_pb2.BookPrice:
    """Say what a book costs."""
    return book_pb2.BookPrice(
        book_id=tag.book_id, title=tag.title, price=_money(tag.price), retired=tag.retired
    )


def author(found: Author) -> author_pb2.Author:
    """Say who an author is."""
    return author_pb2.Author(
        id=found.id,
        name=found.name,
        created_at=_instant(found.created_at),
        updated_at=_instant(found.updated_at),
        version=found.version,
    )


def publisher(found: Publisher) -> publisher_pb2.Publisher:
    """Say who a publisher is."""
    return publisher_pb2.Publisher(
        id=found.id,
        name=found.name,
        address=found.address,
        created_at=_instant(found.created_at),
        updated_at=_instant(found.updated_at),
        version=found.version,
    )


def category(found: Category) -> category_pb2.Category:
    """Say what a category is."""
    return category_pb2.Category(id=found.id, name=found.name)


def _money(amount: Money) -> money_pb2.Money:
    return money_pb2.Money(amount=amount.amount, currency=amount.currency)


def _instant(moment: datetime) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp
