"""The catalog in a SQL database: one module an aggregate, and the store that joins them."""

from bookstore.catalog.application.ports import (
    Authors,
    Books,
    Categories,
    Feeds,
    Publishers,
    Store,
)
from bookstore.catalog.outbound.sql.authors import SqlAuthors
from bookstore.catalog.outbound.sql.books import SqlBooks
from bookstore.catalog.outbound.sql.categories import SqlCategories
from bookstore.catalog.outbound.sql.feeds import SqlFeeds
from bookstore.catalog.outbound.sql.publishers import SqlPublishers
from bookstore.kit.database import Session


class SqlStore(Store):
    """All tables, as one transaction sees them."""

    def __init__(self, session: Session) -> None:
        self._books = SqlBooks(session)
        self._authors = SqlAuthors(session)
        self._publishers = SqlPublishers(session)
        self._categories = SqlCategories(session)
        self._feeds = SqlFeeds(session)

    @property
    def books(self) -> Books:
        return self._books

    @property
    def authors(self) -> Authors:
        return self._authors

    @property
    def publishers(self) -> Publishers:
        return self._publishers

    @property
    def categories(self) -> Categories:
        return self._categories

    @property
    def feeds(self) -> Feeds:
        return self._feeds
