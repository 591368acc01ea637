"""Opening a database by its URL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url

from bookstore.kit.database.migrate import migrate
from bookstore.kit.database.sqlite import SqliteDatabase
from bookstore.kit.database.statement import Session
from bookstore.kit.transaction import StoreT, Transact


class Database(Protocol):
    """A database and the threads that may block on it."""

    def transact(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer transactions on what `store` makes of a session."""
        ...

    def read(self, store: Callable[[Session], StoreT]) -> Transact[StoreT]:
        """Offer reads: each unit sees one snapshot and can change nothing."""
        ...


@contextmanager
def open_database(url: str, migrations: Path, *, readers: int = 2) -> Iterator[Database]:
    """Open the database, migrated to its newest version, until the block ends.

    `sqlite:///relative.db`, `sqlite:////absolute.db`, or `sqlite://` for one in memory.
    Raises NewerDataError if the data belong to a newer version of the software.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise ValueError(f"{parsed.get_backend_name()} is not supported: use sqlite:///FILE")
    file = Path(parsed.database) if parsed.database not in (None, "", ":memory:") else None
    database = SqliteDatabase(file, readers=readers, prepare=lambda raw: migrate(raw, migrations))
    try:
        yield database
    finally:
        database.close()
