"""A SQLite file belongs to the one process that writes it."""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from bookstore.kit.database import DatabaseUnreachableError, check_url, is_sqlite
from bookstore.kit.process_settings import ServiceSettings

_OPENING = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


@contextmanager
def sole_writer(settings: ServiceSettings) -> Iterator[None]:
    """Keep every other process from writing the service's files until the block ends.

    Who only reads (ROLE=query) keeps nobody away. Raises DatabaseUnreachableError.
    """
    with ExitStack() as stack:
        if settings.role != "query":
            for name, file in _files(settings.written):
                stack.enter_context(_held(name, file))
        yield


def _files(databases: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for name, url in databases.items():
        if is_sqlite(url) and (file := check_url(url).database) not in (None, "", ":memory:"):
            yield name, str(file)


@contextmanager
def _held(name: str, file: str) -> Iterator[None]:
    """Hold a lock on the file, which ends with the process, however it ends.

    It is flock's, of which SQLite's own locks know nothing; but to close the file is to lose
    those, so it is opened before SQLite opens it, and closed after.
    """
    try:
        opened = os.open(file, _OPENING, 0o644)
    except OSError:
        yield  # SQLite will say what is wrong with it
        return
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatabaseUnreachableError(
                f"{name}: {file} is written by another process already, and a SQLite file has "
                "one writer: stop that one, name another file, or move to MariaDB or MySQL"
            ) from error
        yield
    finally:
        os.close(opened)
