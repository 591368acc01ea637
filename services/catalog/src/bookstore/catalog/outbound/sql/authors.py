"""Authors in a SQL database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from bookstore.catalog.application.ports import Authors
from bookstore.catalog.application.search import NameSearch, Page
from bookstore.catalog.domain.author import (
    Author,
    AuthorDraft,
    AuthorId,
    AuthorInUseError,
    AuthorNotFoundError,
)
from bookstore.catalog.outbound.sql import names
from bookstore.catalog.outbound.tables import AUTHOR, BOOK, BOOK_AUTHOR
from bookstore.kit.database import ForeignKeyViolation, Session, among, prepare
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.text import fold

_ONE = prepare(select(AUTHOR).where(AUTHOR.c.id == bindparam("key")))
_KNOWN = prepare(select(AUTHOR.c.id).where(among(AUTHOR.c.id, "keys")))
_ADD = prepare(
    insert(AUTHOR).values(
        name=bindparam("name"),
        name_folded=bindparam("name_folded"),
        created_at=bindparam("now"),
        updated_at=bindparam("now"),
        version=1,
    )
)
_REPLACE = prepare(
    update(AUTHOR)
    .where(AUTHOR.c.id == bindparam("key"), AUTHOR.c.version == bindparam("seen"))
    .values(
        name=bindparam("name"),
        name_folded=bindparam("name_folded"),
        updated_at=bindparam("now"),
        version=AUTHOR.c.version + 1,
    )
)
_RETIRED = select(BOOK.c.id).where(BOOK.c.retired_at.is_not(None))
_LEAVE_RETIRED = prepare(
    delete(BOOK_AUTHOR).where(
        BOOK_AUTHOR.c.author_id == bindparam("key"), BOOK_AUTHOR.c.book_id.in_(_RETIRED)
    )
)
_DELETE = prepare(delete(AUTHOR).where(AUTHOR.c.id == bindparam("key")))


class SqlAuthors(Authors):
    """The table of authors, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, draft: AuthorDraft, now: datetime) -> Author:
        return self.get(AuthorId(self._add(draft.name, now)))

    def ensure(self, names_: Collection[str], now: datetime) -> Mapping[str, AuthorId]:
        wanted: dict[str, str] = {}
        for one in names_:
            wanted.setdefault(fold(one), one)
        found = names.oldest(self._session, AUTHOR, wanted)
        for folded, one in wanted.items():
            if folded not in found:
                found[folded] = self._add(one, now)
        return {folded: AuthorId(author_id) for folded, author_id in found.items()}

    def replace(self, author: Author, draft: AuthorDraft, now: datetime) -> Author:
        changed = self._session.run(
            _REPLACE,
            key=author.id,
            seen=author.version,
            name=draft.name,
            name_folded=fold(draft.name),
            now=now,
        )
        if not changed.rowcount:
            raise VersionMismatchError("it has changed meanwhile: read it again, then decide")
        return self.get(author.id)

    def delete(self, author_id: AuthorId) -> None:
        self._session.run(_LEAVE_RETIRED, key=author_id)
        try:
            deleted = self._session.run(_DELETE, key=author_id)
        except ForeignKeyViolation as error:
            raise AuthorInUseError(author_id) from error
        if not deleted.rowcount:
            raise AuthorNotFoundError(author_id)

    def get(self, author_id: AuthorId) -> Author:
        row = self._session.run(_ONE, key=author_id).one_or_none()
        if row is None:
            raise AuthorNotFoundError(author_id)
        return _author(row)

    def search(self, search: NameSearch) -> Page[Author]:
        total, rows = names.find(self._session, AUTHOR, search)
        return Page(total, [_author(row) for row in rows])

    def known(self, author_ids: Collection[AuthorId]) -> set[AuthorId]:
        rows = self._session.run(_KNOWN, keys=list(author_ids))
        return {AuthorId(row.id) for row in rows}

    def _add(self, name: str, now: datetime) -> int:
        return self._session.run(_ADD, name=name, name_folded=fold(name), now=now).inserted_id


def _author(row: Any) -> Author:  # noqa: ANN401 — a row's type is made at run time
    return Author(
        id=AuthorId(row.id),
        name=row.name,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
