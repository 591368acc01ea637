"""SQL databases behind threads, so that the event loop never waits for one.

Read `statement` for how a statement is prepared and run, `sqlite` for how units of work are
grouped into commits, `mysql` for what servers need, `migrate` for how a database grows up.
"""

from bookstore.kit.database.failures import (
    CheckViolation,
    DatabaseUnreachableError,
    ForeignKeyViolation,
    UniqueViolation,
)
from bookstore.kit.database.hold import Hold
from bookstore.kit.database.migrate import NewerDataError, migrate, pending
from bookstore.kit.database.open import (
    TLS_FILES,
    Database,
    DatabaseUrlError,
    check_url,
    is_sqlite,
    open_database,
)
from bookstore.kit.database.statement import Prepared, Result, Session, among, prepare
from bookstore.kit.database.types import Instant, Json, UuidText, big_key

__all__ = [
    "TLS_FILES",
    "CheckViolation",
    "Database",
    "DatabaseUnreachableError",
    "DatabaseUrlError",
    "ForeignKeyViolation",
    "Hold",
    "Instant",
    "Json",
    "NewerDataError",
    "Prepared",
    "Result",
    "Session",
    "UniqueViolation",
    "UuidText",
    "among",
    "big_key",
    "check_url",
    "is_sqlite",
    "migrate",
    "open_database",
    "pending",
    "prepare",
]
