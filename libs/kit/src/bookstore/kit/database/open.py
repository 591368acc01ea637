"""Opening a database by its URL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bookstore.kit.database.migrate import migrate
from bookstore.kit.database.sqlite import SqliteDatabase
from bookstore.kit.database.statement import Session
from bookstore.kit.transaction import StoreT, Transact


class DatabaseUrlError(ValueError):
    """A database's URL that is none, or of a kind that is not supported."""


class Database(Protocol):
    """A database and the threads that may block on it."""

    def transact(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer transactions on what `store` makes of a session."""
        ...

    def read(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer reads: each unit sees one snapshot and can change nothing."""
        ...

    def glance(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer reads of a few rows by key, which need no thread where the data are at hand."""
        ...


def check_url(url: str) -> URL:
    """Return the URL's parts; raises DatabaseUrlError, which repeats no password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUrlError("this is no URL such as sqlite:////data/order.db") from error
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise DatabaseUrlError(f"{parsed.drivername} is not supported yet: use sqlite:///FILE")
    if parsed.host:
        raise DatabaseUrlError("a file needs three slashes: sqlite:///FILE")
    return parsed


@contextmanager
def open_database(url: str, migrations: Path, *, readers: int = 2) -> Iterator[Database]:
    """Open the database, migrated to its newest version, until the block ends.

    `sqlite:///relative.db`, `sqlite:////absolute.db`, or `sqlite://` for one in memory.
    Raises DatabaseUrlError, DatabaseUnreachableError, or NewerDataError if the data belong to a
    newer version of the software.
    """
    parsed = check_url(url)
    file = Path(parsed.database) if parsed.database not in (None, "", ":memory:") else None
    database = SqliteDatabase(file, readers=readers, prepare=lambda raw: migrate(raw, migrations))
    try:
        yield database
    finally:
        database.close()
