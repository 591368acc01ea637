"""Publishers in a SQL database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from bookstore.catalog.application.ports import Publishers
from bookstore.catalog.application.search import NameSearch, Page
from bookstore.catalog.domain.publisher import (
    Publisher,
    PublisherDraft,
    PublisherId,
    PublisherInUseError,
    PublisherNotFoundError,
)
from bookstore.catalog.outbound.sql import names
from bookstore.catalog.outbound.tables import BOOK, PUBLISHER
from bookstore.kit.database import ForeignKeyViolation, Session, prepare
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.text import fold

_ONE = prepare(select(PUBLISHER).where(PUBLISHER.c.id == bindparam("key")))
_ADD = prepare(
    insert(PUBLISHER).values(
        name=bindparam("name"),
        name_folded=bindparam("name_folded"),
        address=bindparam("address"),
        created_at=bindparam("now"),
        updated_at=bindparam("now"),
        version=1,
    )
)
_REPLACE = prepare(
    update(PUBLISHER)
    .where(PUBLISHER.c.id == bindparam("key"), PUBLISHER.c.version == bindparam("seen"))
    .values(
        name=bindparam("name"),
        name_folded=bindparam("name_folded"),
        address=bindparam("address"),
        updated_at=bindparam("now"),
        version=PUBLISHER.c.version + 1,
    )
)
_LEAVE_RETIRED = prepare(
    update(BOOK)
    .where(BOOK.c.publisher_id == bindparam("key"), BOOK.c.retired_at.is_not(None))
    .values(publisher_id=None)
)
_DELETE = prepare(delete(PUBLISHER).where(PUBLISHER.c.id == bindparam("key")))


class SqlPublishers(Publishers):
    """The table of publishers, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, draft: PublisherDraft, now: datetime) -> Publisher:
        return self.get(PublisherId(self._add(draft, now)))

    def ensure(
        self, drafts: Collection[PublisherDraft], now: datetime
    ) -> Mapping[str, PublisherId]:
        wanted: dict[str, PublisherDraft] = {}
        for one in drafts:
            wanted.setdefault(fold(one.name), one)
        found = names.oldest(self._session, PUBLISHER, wanted)
        for folded, one in wanted.items():
            if folded not in found:
                found[folded] = self._add(one, now)
        return {folded: PublisherId(publisher_id) for folded, publisher_id in found.items()}

    def replace(self, publisher: Publisher, draft: PublisherDraft, now: datetime) -> Publisher:
        changed = self._session.run(
            _REPLACE, key=publisher.id, seen=publisher.version, now=now, **_values(draft)
        )
        if not changed.rowcount:
            raise VersionMismatchError("it has changed meanwhile: read it again, then decide")
        return self.get(publisher.id)

    def delete(self, publisher_id: PublisherId) -> None:
        self._session.run(_LEAVE_RETIRED, key=publisher_id)
        try:
            deleted = self._session.run(_DELETE, key=publisher_id)
        except ForeignKeyViolation as error:
            raise PublisherInUseError(publisher_id) from error
        if not deleted.rowcount:
            raise PublisherNotFoundError(publisher_id)

    def exists(self, publisher_id: PublisherId) -> bool:
        return self._session.run(_ONE, key=publisher_id).one_or_none() is not None

    def get(self, publisher_id: PublisherId) -> Publisher:
        row = self._session.run(_ONE, key=publisher_id).one_or_none()
        if row is None:
            raise PublisherNotFoundError(publisher_id)
        return _publisher(row)

    def search(self, search: NameSearch) -> Page[Publisher]:
        total, rows = names.find(self._session, PUBLISHER, search)
        return Page(total, [_publisher(row) for row in rows])

    def _add(self, draft: PublisherDraft, now: datetime) -> int:
        return self._session.run(_ADD, now=now, **_values(draft)).inserted_id


def _values(draft: PublisherDraft) -> dict[str, Any]:
    return {"name": draft.name, "name_folded": fold(draft.name), "address": draft.address}


def _publisher(row: Any) -> Publisher:  # noqa: ANN401 — a row's type is made at run time
    return Publisher(
        id=PublisherId(row.id),
        name=row.name,
        address=row.address,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
