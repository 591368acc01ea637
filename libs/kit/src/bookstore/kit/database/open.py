"""Opening a database by its URL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bookstore.kit.database.hold import Hold
from bookstore.kit.database.migrate import migrate
from bookstore.kit.database.sqlite import SqliteDatabase
from bookstore.kit.database.statement import Session
from bookstore.kit.transaction import StoreT, Transact

if TYPE_CHECKING:
    from bookstore.kit.database.mysql import MysqlDatabase

_SQLITE: Final = frozenset({"sqlite", "sqlite+pysqlite"})
_MYSQL: Final = frozenset({"mysql", "mariadb"})
TLS_FILES: Final = ("ssl_ca", "ssl_cert", "ssl_key")
_TLS: Final[tuple[set[str], ...]] = (set(), {"ssl_ca"}, set(TLS_FILES))
_SERVER: Final = "USER:PASSWORD@HOST:3306/NAME"


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

    def alone(self, what: str, /) -> AbstractAsyncContextManager[Hold]:
        """Wait until no other process is at it, and hold it until the block ends."""
        ...


def check_url(url: str) -> URL:
    """Return the URL's parts; raises DatabaseUrlError, which repeats no password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUrlError("this is no URL such as sqlite:////data/order.db") from error
    if parsed.drivername in _SQLITE:
        if parsed.host:
            raise DatabaseUrlError("a file needs three slashes: sqlite:///FILE")
    elif parsed.drivername in _MYSQL:
        if not (parsed.host and parsed.username and parsed.database):
            raise DatabaseUrlError(f"a server's is mysql://{_SERVER}")
        if unknown := sorted(set(parsed.query) - set(TLS_FILES)):
            raise DatabaseUrlError(
                f"{', '.join(unknown)} is no option: there is ssl_ca=FILE, and with it "
                "ssl_cert=FILE and ssl_key=FILE"
            )
        if set(parsed.query) not in _TLS:
            raise DatabaseUrlError("ssl_cert and ssl_key go together, and not without ssl_ca")
    else:
        raise DatabaseUrlError(
            f"{parsed.drivername} is not supported: use sqlite:///FILE or mysql://{_SERVER}"
        )
    return parsed


def is_sqlite(url: str) -> bool:
    """Whether a good URL names a file (or memory), rather than a server."""
    return check_url(url).drivername in _SQLITE


@contextmanager
def open_database(
    url: str, migrations: Path, *, readers: int = 2, replica: str | None = None
) -> Iterator[Database]:
    """Open the database, migrated to its newest version, until the block ends.

    `sqlite:///relative.db`, `sqlite:////absolute.db`, or `sqlite://` for one in memory;
    `mysql://USER:PASSWORD@HOST:3306/NAME` for one on MariaDB or MySQL, whose copy `replica` may
    serve what is only read. `readers` is for SQLite.
    Raises DatabaseUrlError, DatabaseUnreachableError, or NewerDataError if the data belong to a
    newer version of the software.
    """
    parsed = check_url(url)
    database = (
        _open_file(parsed, migrations, readers)
        if parsed.drivername in _SQLITE
        else _open_server(parsed, migrations, replica)
    )
    try:
        yield database
    finally:
        database.close()


def _open_file(url: URL, migrations: Path, readers: int) -> SqliteDatabase:
    file = Path(url.database) if url.database not in (None, "", ":memory:") else None
    return SqliteDatabase(file, readers=readers, prepare=lambda raw: migrate(raw, migrations))


def _open_server(url: URL, migrations: Path, replica: str | None) -> "MysqlDatabase":
    # Only who has a server pays for importing its driver.
    from bookstore.kit.database import mysql  # noqa: PLC0415 — see above

    place = mysql.Place.of(url)
    mysql.migrate(place, migrations)
    return mysql.MysqlDatabase(place, mysql.Place.of(check_url(replica)) if replica else None)
