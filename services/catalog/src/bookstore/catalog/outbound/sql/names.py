"""Statements on what has a name: authors and publishers are found and sorted alike."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import ColumnElement, Table, bindparam, func, select

from bookstore.catalog.application.search import NameSearch, NameSort
from bookstore.catalog.outbound.tables import AUTHOR, BOOK, BOOK_AUTHOR
from bookstore.kit.database import Prepared, Result, Session, among, prepare

_SORTS = {
    NameSort.CREATED_AT: "created_at",
    NameSort.UPDATED_AT: "updated_at",
    NameSort.NAME: "name_folded",
}


def find(session: Session, table: Table, search: NameSearch) -> tuple[int, Result]:
    """Run a search; return how many there are and the page's rows."""
    asked: dict[str, object] = {}
    if search.name is not None:
        asked["name"] = search.name
    if search.book_id is not None and table is AUTHOR:
        asked["book_id"] = search.book_id
    filters = frozenset(asked)
    total = session.run(_count(table, filters), **asked).scalar()
    page = _page(table, filters, search.sort, search.descending)
    return total, session.run(page, **asked, limit=search.limit, offset=search.offset)


def oldest(session: Session, table: Table, names: Mapping[str, object]) -> dict[str, int]:
    """Return the lowest id of each folded name that is there."""
    rows = session.run(_oldest(table), names=list(names))
    return {row.name_folded: row.id for row in rows}


def _conditions(table: Table, filters: frozenset[str]) -> list[ColumnElement[bool]]:
    every = {
        "name": func.instr(table.c.name_folded, bindparam("name")) > 0,
        "book_id": table.c.id.in_(
            select(BOOK_AUTHOR.c.author_id)
            .join(BOOK, BOOK.c.id == BOOK_AUTHOR.c.book_id)
            .where(BOOK.c.id == bindparam("book_id"), BOOK.c.retired_at.is_(None))
        ),
    }
    return [condition for name, condition in every.items() if name in filters]


@cache
def _count(table: Table, filters: frozenset[str]) -> Prepared:
    return prepare(select(func.count()).select_from(table).where(*_conditions(table, filters)))


@cache
def _page(table: Table, filters: frozenset[str], sort: NameSort, descending: bool) -> Prepared:  # noqa: FBT001 — one of two
    keys = [table.c[_SORTS[sort]], table.c.id]
    return prepare(
        select(table)
        .where(*_conditions(table, filters))
        .order_by(*[key.desc() if descending else key.asc() for key in keys])
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


@cache
def _oldest(table: Table) -> Prepared:
    return prepare(
        select(table.c.name_folded, func.min(table.c.id).label("id"))
        .where(among(table.c.name_folded, "names"))
        .group_by(table.c.name_folded)
    )
