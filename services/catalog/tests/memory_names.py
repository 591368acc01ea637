"""Authors and publishers in memory."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from bookstore.catalog.application.ports import (
    Authors,
    Publishers,
)
from bookstore.catalog.application.search import NameSearch, NameSort, Page
from bookstore.catalog.domain.author import (
    Author,
    AuthorDraft,
    AuthorId,
    AuthorInUseError,
    AuthorNotFoundError,
)
from bookstore.catalog.domain.book import (
    BookId,
    Draft,
)
from bookstore.catalog.domain.publisher import (
    Publisher,
    PublisherDraft,
    PublisherId,
    PublisherInUseError,
    PublisherNotFoundError,
)
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.text import fold

NamedT = TypeVar("NamedT", Author, Publisher)


class MemoryAuthors(Authors):
    def __init__(self, drafts: Callable[[], Mapping[BookId, Draft]]) -> None:
        self._drafts = drafts
        self._ids = count(1)
        self.rows: dict[AuthorId, Author] = {}

    def add(self, draft: AuthorDraft, now: datetime) -> Author:
        key = AuthorId(next(self._ids))
        self.rows[key] = Author(id=key, name=draft.name, created_at=now, updated_at=now, version=1)
        return self.rows[key]

    def ensure(self, names: Collection[str], now: datetime) -> Mapping[str, AuthorId]:
        for name in names:
            if not any(fold(row.name) == fold(name) for row in self.rows.values()):
                self.add(AuthorDraft(name), now)
        return {
            fold(name): min(key for key, row in self.rows.items() if fold(row.name) == fold(name))
            for name in names
        }

    def replace(self, author: Author, draft: AuthorDraft, now: datetime) -> Author:
        row = self.rows[author.id]
        if row.version != author.version:
            raise VersionMismatchError("changed meanwhile")
        self.rows[row.id] = replace(row, name=draft.name, updated_at=now, version=row.version + 1)
        return self.rows[row.id]

    def delete(self, author_id: AuthorId) -> None:
        if author_id not in self.rows:
            raise AuthorNotFoundError(author_id)
        if any(author_id in draft.author_ids for draft in self._drafts().values()):
            raise AuthorInUseError(author_id)
        del self.rows[author_id]

    def get(self, author_id: AuthorId) -> Author:
        if author_id not in self.rows:
            raise AuthorNotFoundError(author_id)
        return self.rows[author_id]

    def search(self, search: NameSearch) -> Page[Author]:
        rows = self.rows.values()
        if search.book_id is None:
            return _named(rows, search)
        draft = self._drafts().get(search.book_id)
        credited = draft.author_ids if draft else ()
        return _named([row for row in rows if row.id in credited], search)

    def known(self, author_ids: Collection[AuthorId]) -> set[AuthorId]:
        return set(author_ids) & self.rows.keys()


class MemoryPublishers(Publishers):
    def __init__(self, drafts: Callable[[], Mapping[BookId, Draft]]) -> None:
        self._drafts = drafts
        self._ids = count(1)
        self.rows: dict[PublisherId, Publisher] = {}

    def add(self, draft: PublisherDraft, now: datetime) -> Publisher:
        key = PublisherId(next(self._ids))
        self.rows[key] = Publisher(
            id=key,
            name=draft.name,
            address=draft.address,
            created_at=now,
            updated_at=now,
            version=1,
        )
        return self.rows[key]

    def ensure(
        self, drafts: Collection[PublisherDraft], now: datetime
    ) -> Mapping[str, PublisherId]:
        found: dict[str, PublisherId] = {}
        for draft in drafts:
            folded = fold(draft.name)
            same = [key for key, row in self.rows.items() if fold(row.name) == folded]
            found[folded] = min(same) if same else self.add(draft, now).id
        return found

    def replace(self, publisher: Publisher, draft: PublisherDraft, now: datetime) -> Publisher:
        row = self.rows[publisher.id]
        if row.version != publisher.version:
            raise VersionMismatchError("changed meanwhile")
        self.rows[row.id] = replace(
            row,
            name=draft.name,
            address=draft.address,
            updated_at=now,
            version=row.version + 1,
        )
        return self.rows[row.id]

    def delete(self, publisher_id: PublisherId) -> None:
        if publisher_id not in self.rows:
            raise PublisherNotFoundError(publisher_id)
        if any(draft.publisher_id == publisher_id for draft in self._drafts().values()):
            raise PublisherInUseError(publisher_id)
        del self.rows[publisher_id]

    def exists(self, publisher_id: PublisherId) -> bool:
        return publisher_id in self.rows

    def get(self, publisher_id: PublisherId) -> Publisher:
        if publisher_id not in self.rows:
            raise PublisherNotFoundError(publisher_id)
        return self.rows[publisher_id]

    def search(self, search: NameSearch) -> Page[Publisher]:
        return _named(self.rows.values(), search)


def _named(rows: Iterable[NamedT], search: NameSearch) -> Page[NamedT]:
    keys: dict[NameSort, Callable[[Any], Any]] = {
        NameSort.CREATED_AT: lambda row: row.created_at,
        NameSort.UPDATED_AT: lambda row: row.updated_at,
        NameSort.NAME: lambda row: fold(row.name),
    }
    key = keys[search.sort]
    found = [row for row in rows if search.name is None or search.name in fold(row.name)]
    found.sort(key=lambda row: (key(row), row.id), reverse=search.descending)
    return Page(len(found), found[search.offset : search.offset + search.limit])
