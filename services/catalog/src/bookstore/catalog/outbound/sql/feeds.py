"""Feeds' ids in a SQL database."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from bookstore.catalog.application.ports import Feeds
from bookstore.catalog.domain.book import BookId
from bookstore.catalog.outbound.tables import COMPLETED_FEED, FEED_BOOK
from bookstore.kit.database import Session, among, prepare

_OF_FEED = FEED_BOOK.c.feed == bindparam("feed")
_KNOWN = prepare(
    select(FEED_BOOK.c.feed_id, FEED_BOOK.c.book_id).where(
        _OF_FEED, among(FEED_BOOK.c.feed_id, "feed_ids")
    )
)
_CLAIMED = prepare(
    select(FEED_BOOK.c.book_id).where(_OF_FEED, among(FEED_BOOK.c.book_id, "book_ids"))
)
_REMEMBER = prepare(
    insert(FEED_BOOK).values(
        feed=bindparam("feed"), feed_id=bindparam("feed_id"), book_id=bindparam("book_id")
    )
)
_IS_COMPLETE = prepare(
    select(COMPLETED_FEED.c.feed).where(COMPLETED_FEED.c.feed == bindparam("feed"))
)
_COMPLETE = prepare(
    insert(COMPLETED_FEED).values(feed=bindparam("feed"), completed_at=bindparam("now"))
)


class SqlFeeds(Feeds):
    """The table of feeds' ids, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def known(self, feed: str, feed_ids: Collection[str]) -> Mapping[str, BookId]:
        rows = self._session.run(_KNOWN, feed=feed, feed_ids=list(feed_ids))
        return {row.feed_id: BookId(row.book_id) for row in rows}

    def claimed(self, feed: str, book_ids: Collection[BookId]) -> set[BookId]:
        rows = self._session.run(_CLAIMED, feed=feed, book_ids=list(book_ids))
        return {BookId(row.book_id) for row in rows}

    def remember(self, feed: str, books: Mapping[str, BookId]) -> None:
        self._session.run_many(
            _REMEMBER,
            [{"feed": feed, "feed_id": key, "book_id": book_id} for key, book_id in books.items()],
        )

    def is_complete(self, feed: str) -> bool:
        return self._session.run(_IS_COMPLETE, feed=feed).one_or_none() is not None

    def complete(self, feed: str, now: datetime) -> None:
        if not self.is_complete(feed):
            self._session.run(_COMPLETE, feed=feed, now=now)
