"""The data folder: one process at a time, never newer than we are, backed up before it grows.

catalog.db customer.db identity.db inventory.db order.db payment.db   one database a service
card-network.db                                                       the simulated card network's
bookstore.lock                                                        held by whoever serves it
bookstore.founding                                                    until the first start is over
backup-20261125T120000Z/                                              as it was before a migration
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from bookstore.cli.privacy import close_to_others
from bookstore.cli.terminal import CommandError
from bookstore.kit.database import NewerDataError, pending

LOCK: Final = "bookstore.lock"
FOUNDING: Final = "bookstore.founding"
SERVICES: Final = ("catalog", "customer", "identity", "inventory", "order", "payment")
CARD_NETWORK: Final = "card-network"
DATABASES: Final = (*SERVICES, CARD_NETWORK)
OURS: Final = (*(f"{name}.db*" for name in DATABASES), LOCK, FOUNDING, "backup-*T*Z")


class Version(Enum):
    """How old a database is, measured by the migrations that we know."""

    NONE = auto()
    EMPTY = auto()
    OLDER = auto()
    OURS = auto()


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
        return not any(self.file(name).exists() for name in DATABASES)

    @property
    def founding(self) -> Path:
        """Return the mark of a first start under way: while it is there, databases may be not."""
        return self.path / FOUNDING

    def founded(self) -> None:
        """Keep that the first start is over, and all there is to a store was made."""
        self.founding.unlink(missing_ok=True)


@contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """Lock the folder until the block ends; raises CommandError if it cannot be served.

    Old data are backed up here; the services migrate them when they open their databases. What
    is there, and what is made until the block ends, is its owner's alone.
    """
    with ExitStack() as stack:
        stack.enter_context(_owners_alone())
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            stack.enter_context(locked(path / LOCK))
            close_to_others(path, OURS)
            folder = Folder(path)
            _prepare(folder)
        except (FileExistsError, NotADirectoryError) as error:
            raise CommandError(f"{path} is no folder: name one with --data.") from error
        except PermissionError as error:
            raise CommandError(f"{path} may not be written: name another with --data.") from error
        except OSError as error:
            raise CommandError(
                f"{path} cannot be the data folder ({error.strerror}): name another with --data."
            ) from error
        yield folder


def _prepare(folder: Folder) -> None:
    """Make sure that nothing is newer than we are or missing; keep what is about to change."""
    versions = {name: version(folder, name) for name in DATABASES}
    gaps = [name for name, found in versions.items() if found in (Version.NONE, Version.EMPTY)]
    if folder.is_new:
        folder.founding.touch()
    elif gaps and not folder.founding.exists():
        wrong = "is missing" if versions[gaps[0]] is Version.NONE else "is empty"
        raise CommandError(
            f"{folder.file(gaps[0])} {wrong} in a folder that holds a store: restore it from a "
            "backup, or name another folder with --data."
        )
    if Version.OLDER in versions.values() and not gaps:
        _back_up(folder)


@contextmanager
def _owners_alone() -> Iterator[None]:
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


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
    """Return a folder that must hold a store no newer than we are; raises CommandError.

    It is not locked.
    """
    folder = Folder(path)
    missing = [service for service in SERVICES if not folder.file(service).is_file()]
    if missing:
        raise CommandError(
            f"{path} holds no store ({missing[0]}.db is missing): say where it is with --data."
        )
    for name in DATABASES:
        version(folder, name)
    return folder


def at_rest(path: Path, service: str) -> str:
    """Return a database's URL for a command that does not migrate; raises CommandError."""
    folder = existing(path)
    if _is_read_only(folder.file(service)):
        raise CommandError(f"{path} is on a read-only file system: make it writable first.")
    if version(folder, service) is Version.OLDER:
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


def reading(file: Path) -> str:
    """Return the URI of a database's file by which it is only read; raises CommandError.

    SQLite keeps notes beside a file that is in use. On a read-only file system it cannot, and
    need not, as nobody writes there, unless the last who did was cut off.
    """
    uri = f"{file.absolute().as_uri()}?mode=ro"
    if not _is_read_only(file):
        return uri
    left = file.with_name(f"{file.name}-wal")
    if left.exists() and left.stat().st_size:
        raise CommandError(
            f"{file.parent} was not stopped in order, and is on a read-only file system: copy it "
            "to where it can be written, and name the copy with --data."
        )
    return f"{uri}&immutable=1"


def _is_read_only(file: Path) -> bool:
    return bool(os.statvfs(file).f_flag & os.ST_RDONLY)


def version(folder: Folder, name: str) -> Version:
    """Return how old a database is; raises CommandError if it is newer than we are."""
    file = folder.file(name)
    return version_of(name, file) if file.exists() else Version.NONE


def version_of(name: str, file: Path) -> Version:
    """Return how old a database's file is; raises CommandError if it is newer than we are."""
    try:
        with closing(sqlite3.connect(reading(file), uri=True)) as found:
            known = len(list((migrations(name) / "versions").glob("*_*.py")))
            missing = len(pending(found, migrations(name)))
    except NewerDataError as error:
        raise CommandError(
            f"{file.parent} was written by a newer bookstore ({name}: {error}): "
            "use that version, or another folder with --data; nothing was changed."
        ) from error
    except sqlite3.DatabaseError as error:
        raise CommandError(
            f"{file} cannot be read ({error}): restore it from a backup, "
            "or name another folder with --data."
        ) from error
    if missing == known:
        return Version.EMPTY
    return Version.OLDER if missing else Version.OURS


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
