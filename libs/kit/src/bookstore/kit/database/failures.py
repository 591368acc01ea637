"""What a database refuses, in words that do not name its driver.

Violations are for repositories, which turn them into errors of their domain; what is left of
them is a defect, so they are no BookstoreErrors.
"""

import sqlite3

from bookstore.kit.errors import BookstoreError, StorageFullError, UnavailableError

_RETRY_AFTER = 5


class DatabaseUnreachableError(Exception):
    """There is no database where the URL says, or it may not be opened."""


class Violation(Exception):  # noqa: N818 — a violation is caught and told apart, never shown
    """A constraint that does not hold; `columns` is what the database says of it."""

    def __init__(self, columns: str) -> None:
        super().__init__(columns)
        self.columns = columns


class UniqueViolation(Violation):
    """There is one already; `columns` as in `"book.isbn"`."""


class CheckViolation(Violation):
    """A CHECK constraint does not hold; `columns` is its name."""


class ForeignKeyViolation(Violation):
    """What it refers to does not exist, or something refers to it."""


_VIOLATIONS: dict[str, type[Violation]] = {
    "SQLITE_CONSTRAINT_UNIQUE": UniqueViolation,
    "SQLITE_CONSTRAINT_PRIMARYKEY": UniqueViolation,
    "SQLITE_CONSTRAINT_CHECK": CheckViolation,
    "SQLITE_CONSTRAINT_FOREIGNKEY": ForeignKeyViolation,
}
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_FSYNC")


def translate(error: sqlite3.Error) -> Violation | BookstoreError | sqlite3.Error:
    """Return our word for a driver's error, or the error itself where there is none."""
    name = getattr(error, "sqlite_errorname", None) or ""
    if name in _VIOLATIONS:
        return _VIOLATIONS[name](str(error).partition(": ")[2])
    if name in _FULL or name.startswith("SQLITE_CANTOPEN"):
        return StorageFullError("the disk is full; try again later", retry_after=_RETRY_AFTER)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return UnavailableError("the database is busy; try again", retry_after=1)
    return error
