"""The data folder: one process at a time, never newer than we are, backed up before it grows.

catalog.db customer.db identity.db inventory.db order.db payment.db   one database a service
card-network.db                                                       the simulated card network's
bookstore.lock                                                        held by whoever serves it
backup-20261125T120000Z/                                              as it was before a migration
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from bookstore.cli.terminal import CommandError
from bookstore.kit.database import NewerDataError, pending

LOCK: Final = "bookstore.lock"
SERVICES: Final = ("catalog", "customer", "identity", "inventory", "order", "payment")
CARD_NETWORK: Final = "card-network"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a store keeps its databases."""

    path: Path

    def file(self, name: str) -> Path:
        """Return where a database is."""
        return self.path / f"{name}.db"

    def url(self, name: str) -> str:
        """Return a database's URL."""
        file = str(self.file(name).absolute())
        return URL.create("sqlite", database=file).render_as_string()

    @property
    def is_new(self) -> bool:
        """Whether there is no store in it yet, whatever else there is."""
        return not any(self.file(service).exists() for service in SERVICES)


@contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """Lock the folder until the block ends; raises CommandError if it cannot be served.

    Old data are backed up here; the services migrate them when they open their databases.
    """
    folder = Folder(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with locked(path / LOCK):
            behind = [name for name in (*SERVICES, CARD_NETWORK) if _is_behind(folder, name)]
            if behind:
                _back_up(folder)
            yield folder
    except NotADirectoryError as error:
        raise CommandError(f"{path} is no folder: name one with --data.") from error
    except FileExistsError as error:
        raise CommandError(f"{path} is no folder: name one with --data.") from error
    except PermissionError as error:
        raise CommandError(f"{path} may not be written: name another with --data.") from error


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the lock; raises CommandError if another process does.

    flock ends with the process, however it ends: a lock file that was left behind locks nobody
    out.
    """
    with file.open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise CommandError(
                f"{file.parent} is in use by another store (process {holder}): "
                "stop that one, or name another folder with --data."
            ) from error
        with suppress(OSError):  # a full disk: it is locked all the same
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
        yield


def existing(path: Path) -> Folder:
    """Return a folder that must hold a store; raises CommandError. It is not locked."""
    folder = Folder(path)
    missing = [service for service in SERVICES if not folder.file(service).is_file()]
    if missing:
        raise CommandError(
            f"{path} holds no store ({missing[0]}.db is missing): say where it is with --data."
        )
    return folder


def at_rest(path: Path, service: str) -> str:
    """Return a database's URL for a command that does not migrate; raises CommandError."""
    folder = existing(path)
    if _is_behind(folder, service):
        raise CommandError(
            f"{path} was written by an older bookstore: start it once with `bookstore up`."
        )
    return folder.url(service)


def migrations(name: str) -> Path:
    """Return where a database's migrations are, without importing its service."""
    service = "payment" if name == CARD_NETWORK else name
    spec = find_spec(f"bookstore.{service}")
    if spec is None or spec.origin is None:
        raise CommandError(f"The {service} service is not installed: run `make install`.")
    package = Path(spec.origin).parent
    if name == CARD_NETWORK:
        package /= "outbound/simulator"
    return package / "migrations"


def _is_behind(folder: Folder, name: str) -> bool:
    """Tell whether a database must be migrated; raises CommandError if it is ahead of us."""
    file = folder.file(name)
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            known = len(list((migrations(name) / "versions").glob("*_*.py")))
            missing = len(pending(connection, migrations(name)))
    except NewerDataError as error:
        raise CommandError(
            f"{folder.path} was written by a newer bookstore ({name}: {error}): "
            "use that version, or another folder with --data; nothing was changed."
        ) from error
    except sqlite3.DatabaseError as error:
        raise CommandError(
            f"{file} cannot be read ({error}): restore it from a backup, "
            "or name another folder with --data."
        ) from error
    return 0 < missing < known  # an empty database is only a first start that was cut short


def _back_up(folder: Folder) -> None:
    """Copy every database as it is, so that a migration can be taken back by hand."""
    target = folder.path / f"backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    target.mkdir()
    for file in sorted(folder.path.glob("*.db")):
        with (
            closing(sqlite3.connect(file)) as source,
            closing(sqlite3.connect(target / file.name)) as copy,
        ):
            source.backup(copy)
