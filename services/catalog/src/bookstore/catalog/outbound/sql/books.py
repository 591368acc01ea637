"""Books in a SQL database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from bookstore.catalog.application.ports import Books
from bookstore.catalog.application.search import BookSearch, Page
from bookstore.catalog.domain.author import AuthorId
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
from bookstore.catalog.domain.publisher import PublisherId
from bookstore.catalog.outbound.sql import book_search
from bookstore.catalog.outbound.sql.book_search import ON_SALE
from bookstore.catalog.outbound.tables import AUTHOR, BOOK, BOOK_AUTHOR, TITLE_KEY
from bookstore.kit.database import Session, UniqueViolation, among, prepare
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.money import Money
from bookstore.kit.text import fold

_SAID = (
    "title",
    "title_folded",
    "title_key",
    "isbn",
    "listed_isbn",
    "amount",
    "currency",
    "description",
    "category_id",
    "publisher_id",
)
_VALUES: dict[str, Any] = {name: bindparam(name) for name in _SAID}
_ONE = prepare(book_search.rows().where(BOOK.c.id == bindparam("key")))
_CREDITS = prepare(
    select(BOOK_AUTHOR.c.book_id, AUTHOR.c.id, AUTHOR.c.name)
    .join(AUTHOR, AUTHOR.c.id == BOOK_AUTHOR.c.author_id)
    .where(among(BOOK_AUTHOR.c.book_id, "keys"))
    .order_by(BOOK_AUTHOR.c.book_id, BOOK_AUTHOR.c.position)
)
_ADD = prepare(
    insert(BOOK).values(
        **_VALUES, created_at=bindparam("now"), updated_at=bindparam("now"), version=1
    )
)
_REPLACE = prepare(
    update(BOOK)
    .where(BOOK.c.id == bindparam("key"), BOOK.c.version == bindparam("seen"), ON_SALE)
    .values(**_VALUES, updated_at=bindparam("now"), version=BOOK.c.version + 1)
)
_RETIRE = prepare(
    update(BOOK)
    .where(BOOK.c.id == bindparam("key"), ON_SALE)
    .values(
        retired_at=bindparam("now"),
        updated_at=bindparam("now"),
        listed_isbn=None,
        version=BOOK.c.version + 1,
    )
)
_CREDIT = prepare(
    insert(BOOK_AUTHOR).values(
        book_id=bindparam("book_id"),
        author_id=bindparam("author_id"),
        position=bindparam("position"),
    )
)
_UNCREDIT = prepare(delete(BOOK_AUTHOR).where(BOOK_AUTHOR.c.book_id == bindparam("key")))
_WITH_ISBNS = prepare(
    select(BOOK.c.id, BOOK.c.listed_isbn).where(among(BOOK.c.listed_isbn, "isbns"))
)
_ON_SALE = prepare(select(BOOK.c.id).where(among(BOOK.c.id, "keys"), ON_SALE))
_PRICES = prepare(
    select(BOOK.c.id, BOOK.c.title, BOOK.c.amount, BOOK.c.currency, BOOK.c.retired_at)
    .where(among(BOOK.c.id, "keys"))
    .order_by(BOOK.c.id)
)


class SqlBooks(Books):
    """The table of books, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, draft: Draft, now: datetime) -> BookId:
        try:
            added = self._session.run(_ADD, now=now, **_values(draft))
        except UniqueViolation as error:
            raise IsbnTakenError(str(draft.isbn)) from error
        book_id = BookId(added.inserted_id)
        self._credit(book_id, draft)
        return book_id

    def replace(self, book: Book, draft: Draft, now: datetime) -> None:
        try:
            changed = self._session.run(
                _REPLACE, key=book.id, seen=book.version, now=now, **_values(draft)
            )
        except UniqueViolation as error:
            raise IsbnTakenError(str(draft.isbn)) from error
        if not changed.rowcount:
            raise VersionMismatchError("it has changed meanwhile: read it again, then decide")
        self._session.run(_UNCREDIT, key=book.id)
        self._credit(book.id, draft)

    def retire(self, book_id: BookId, now: datetime) -> None:
        if not self._session.run(_RETIRE, key=book_id, now=now).rowcount:
            raise BookNotFoundError(book_id)

    def get(self, book_id: BookId) -> Book:
        row = self._session.run(_ONE, key=book_id).one_or_none()
        if row is None:
            raise BookNotFoundError(book_id)
        (book,) = self._books([row])
        return book

    def search(self, search: BookSearch) -> Page[Book]:
        asked, values = book_search.shape(search)
        total = self._session.run(book_search.count(asked.filters), **values).scalar()
        if search.after is not None:
            values["last_key"], values["last_id"] = search.after
        rows = self._session.run(
            book_search.page(asked), **values, limit=search.limit + 1, offset=search.offset
        ).rows
        shown = rows[: search.limit]
        more = len(rows) > search.limit
        after = (book_search.sort_key(search, shown[-1]), shown[-1].id) if more else None
        return Page(total, self._books(shown), after)

    def with_isbns(self, isbns: Collection[Isbn]) -> Mapping[Isbn, BookId]:
        rows = self._session.run(_WITH_ISBNS, isbns=list(isbns))
        return {Isbn(row.listed_isbn): BookId(row.id) for row in rows}

    def on_sale(self, book_ids: Collection[BookId]) -> set[BookId]:
        return {BookId(row.id) for row in self._session.run(_ON_SALE, keys=list(book_ids))}

    def prices(self, book_ids: Collection[BookId]) -> Sequence[PriceTag]:
        return [
            PriceTag(
                BookId(row.id),
                row.title,
                Money(row.amount, row.currency),
                retired=row.retired_at is not None,
            )
            for row in self._session.run(_PRICES, keys=list(book_ids))
        ]

    def _credit(self, book_id: BookId, draft: Draft) -> None:
        self._session.run_many(
            _CREDIT,
            [
                {"book_id": book_id, "author_id": author_id, "position": position}
                for position, author_id in enumerate(draft.author_ids)
            ],
        )

    def _books(self, rows: Iterable[Any]) -> list[Book]:
        rows = list(rows)
        credits_: dict[int, list[Credit]] = {row.id: [] for row in rows}
        if rows:
            for credit in self._session.run(_CREDITS, keys=list(credits_)):
                credits_[credit.book_id].append(Credit(AuthorId(credit.id), credit.name))
        return [_book(row, tuple(credits_[row.id])) for row in rows]


def _values(draft: Draft) -> dict[str, Any]:
    folded = fold(draft.title)
    return {
        "title": draft.title,
        "title_folded": folded,
        "title_key": folded[:TITLE_KEY],
        "isbn": draft.isbn,
        "listed_isbn": draft.isbn,
        "amount": draft.price.amount,
        "currency": draft.price.currency,
        "description": draft.description,
        "category_id": draft.category_id,
        "publisher_id": draft.publisher_id,
    }


def _book(row: Any, authors: tuple[Credit, ...]) -> Book:  # noqa: ANN401 — a row's type is made at run time
    return Book(
        id=BookId(row.id),
        title=row.title,
        isbn=None if row.isbn is None else Isbn(row.isbn),
        price=Money(row.amount, row.currency),
        description=row.description,
        category=None
        if row.category_id is None
        else Category(CategoryId(row.category_id), row.category_name),
        publisher=None
        if row.publisher_id is None
        else Imprint(PublisherId(row.publisher_id), row.publisher_name, row.publisher_address),
        authors=authors,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
