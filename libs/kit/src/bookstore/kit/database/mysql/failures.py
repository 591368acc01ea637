"""What MariaDB and MySQL refuse, in the words of `kit.database.failures`.

The numbers are those of https://mariadb.com/kb/en/mariadb-error-codes/ and of MySQL's server and
client error reference. Of the errors below, a ContendedError comes of chance: the unit of
work is run again.
"""

import re
from collections.abc import Callable
from typing import Final

import pymysql

from bookstore.kit.database.failures import (
    CheckViolation,
    ForeignKeyViolation,
    UniqueViolation,
    Violation,
)
from bookstore.kit.errors import BookstoreError, ContendedError, StorageFullError, UnavailableError

_DEADLOCK: Final = 1213
_CHANGED_SINCE_READ: Final = 1020
_LOCK_TIMEOUT: Final = 1205
_DUPLICATE: Final = frozenset({1062, 1586})
_CHECK: Final = frozenset({4025, 3819})
_FOREIGN_KEY: Final = frozenset({1216, 1217, 1451, 1452})
_FULL: Final = frozenset({1021, 1114})
_TOO_LONG: Final = frozenset({1969, 3024})  # what takes longer than a statement may
_INTERRUPTED: Final = 1317
_ENGINE_FULL: Final = re.compile(r"\b28\b|No space left", re.ASCII)
_ENGINE_ERRORS: Final = frozenset({3, 1026, 1030})
# The connection is of no more use: closed, reset, timed out, killed, or its server stops.
_LOST: Final = frozenset(
    {0, 1053, 1152, 1158, 1159, 1160, 1161, 1927, 2000, 2006, 2013, 2014, 2027, 2055, 4031}
)
_READ_ONLY: Final = frozenset({1290, 1836})  # the server, not the transaction: it is a replica now
_KEY: Final = re.compile(r"for key '(?:[^']*\.)?([^'.]+)'$")
_CONSTRAINT: Final = re.compile(r"(?:CONSTRAINT|constraint) [`'](?:[^`']*\.)?([^`'.]+)[`']")
_SOON: Final = 1  # seconds


class LostError(UnavailableError):
    """The connection was lost: the server undoes what it had not been told to commit."""


class UnansweredError(UnavailableError):
    """The server took too long to answer, or ended the statement since it did."""


def translate(
    error: pymysql.Error, columns: Callable[[str], str]
) -> Violation | BookstoreError | pymysql.Error:
    """Return our word for the driver's error, or the error itself where there is none.

    `columns` says which columns a key is of.
    """
    number, text = _parts(error)
    if number in _DUPLICATE:
        key = _KEY.search(text)
        return UniqueViolation(columns(key[1]) if key else "")
    if number in _CHECK:
        name = _CONSTRAINT.search(text)
        return CheckViolation(name[1] if name else "")
    if number in _FOREIGN_KEY:
        return ForeignKeyViolation("")
    if number in _FULL or (number in _ENGINE_ERRORS and _ENGINE_FULL.search(text)):
        return StorageFullError("the disk is full; try again later", retry_after=5)
    return _not_now(error, number) or error


def was_undone(error: pymysql.Error) -> bool:
    """Whether a COMMIT that failed like this has surely changed nothing."""
    return _parts(error)[0] == _DEADLOCK


def _not_now(error: pymysql.Error, number: int) -> UnavailableError | None:
    if number in {_DEADLOCK, _LOCK_TIMEOUT, _CHANGED_SINCE_READ}:
        return ContendedError("the database is busy; try again", retry_after=_SOON)
    if isinstance(error.__context__, TimeoutError) or number in {*_TOO_LONG, _INTERRUPTED}:
        return UnansweredError("the database took too long; try again", retry_after=_SOON)
    if number in _LOST:
        return LostError("the database cannot be reached; try again", retry_after=_SOON)
    if number in _READ_ONLY:
        return UnavailableError("the database takes no writes; try again", retry_after=_SOON)
    return None


def _parts(error: pymysql.Error) -> tuple[int, str]:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    return number, str(error.args[-1]) if error.args else ""
