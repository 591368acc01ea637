"""Statements that search books: one per shape of a search, compiled when it first comes."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from bookstore.catalog.application.search import BookSearch, BookSort
from bookstore.catalog.outbound.tables import BOOK, BOOK_AUTHOR, CATEGORY, PUBLISHER
from bookstore.kit.database import Prepared, among, prepare

ON_SALE = BOOK.c.retired_at.is_(None)

_SORTS: dict[BookSort, ColumnElement[Any]] = {
    BookSort.CREATED_AT: BOOK.c.created_at,
    BookSort.UPDATED_AT: BOOK.c.updated_at,
    BookSort.TITLE: BOOK.c.title_key,
    BookSort.PRICE: BOOK.c.amount,
}
_TITLE = BOOK.alias("titled")
_FILTERS: dict[str, ColumnElement[bool]] = {
    "title": BOOK.c.id.in_(  # an index holds the titles, so that whole rows need not be read
        select(_TITLE.c.id).where(func.instr(_TITLE.c.title_folded, bindparam("title")) > 0)
    ),
    "publisher": BOOK.c.publisher_id.in_(
        select(PUBLISHER.c.id).where(
            func.instr(PUBLISHER.c.name_folded, bindparam("publisher")) > 0
        )
    ),
    "author_ids": BOOK.c.id.in_(
        select(BOOK_AUTHOR.c.book_id).where(among(BOOK_AUTHOR.c.author_id, "author_ids"))
    ),
    "category_id": BOOK.c.category_id == bindparam("category_id"),
    "isbn": BOOK.c.listed_isbn == bindparam("isbn"),
    "ids": among(BOOK.c.id, "ids"),
    "currency": BOOK.c.currency == bindparam("currency"),
    "price_from": BOOK.c.amount >= bindparam("price_from"),
    "price_to": BOOK.c.amount <= bindparam("price_to"),
}


class Shape(NamedTuple):
    """What decides a search's statement: everything but its values."""

    filters: frozenset[str]
    sort: BookSort
    descending: bool
    after: bool


def shape(search: BookSearch) -> tuple[Shape, dict[str, Any]]:
    """Return a search's shape and its filters' values."""
    asked = {name: getattr(search, name) for name in _FILTERS}
    values = {name: value for name, value in asked.items() if value not in (None, ())}
    return (
        Shape(frozenset(values), search.sort, search.descending, search.after is not None),
        values,
    )


def rows() -> Select[Any]:
    """Return the statement that selects books with their category and publisher."""
    return (
        select(
            BOOK,
            CATEGORY.c.name.label("category_name"),
            PUBLISHER.c.name.label("publisher_name"),
            PUBLISHER.c.address.label("publisher_address"),
        )
        .outerjoin(CATEGORY, CATEGORY.c.id == BOOK.c.category_id)
        .outerjoin(PUBLISHER, PUBLISHER.c.id == BOOK.c.publisher_id)
        .where(ON_SALE)
    )


def sort_key(search: BookSearch, row: Any) -> Any:  # noqa: ANN401 — of the sorted column's type
    """Return the row's value by which the search is sorted."""
    return getattr(row, _SORTS[search.sort].key or "")


@cache
def count(filters: frozenset[str]) -> Prepared:
    """Return the statement that counts what matches the filters."""
    return prepare(select(func.count()).select_from(BOOK).where(ON_SALE, *_conditions(filters)))


@cache
def page(asked: Shape) -> Prepared:
    """Return the statement that selects a page."""
    key = _SORTS[asked.sort]
    statement = rows().where(*_conditions(asked.filters))
    if asked.after:
        last_key = bindparam("last_key", type_=key.type)
        last_id = bindparam("last_id", type_=BOOK.c.id.type)
        beyond, next_id = (
            (key < last_key, BOOK.c.id < last_id)
            if asked.descending
            else (key > last_key, BOOK.c.id > last_id)
        )
        statement = statement.where(or_(beyond, and_(key == last_key, next_id)))
    keys = [key, BOOK.c.id]
    return prepare(
        statement.order_by(*[k.desc() if asked.descending else k.asc() for k in keys])
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


def _conditions(filters: frozenset[str]) -> list[ColumnElement[bool]]:
    return [condition for name, condition in _FILTERS.items() if name in filters]
