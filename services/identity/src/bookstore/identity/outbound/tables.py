"""The tables: profiles and attempts with any provider; the others are our own's."""

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table

from bookstore.kit.database import Instant, Json, UuidText, big_key

TABLES = MetaData()

EMAIL_LENGTH = 254
KEY_LENGTH = 762  # folding makes three characters of one at most


def _times() -> list[Column[object]]:
    """Return what every table of aggregates ends with."""
    return [
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("version", Integer, nullable=False),
    ]


PROFILE = Table(
    "profile",
    TABLES,
    Column("id", UuidText, primary_key=True),
    Column("email", String(EMAIL_LENGTH), nullable=False),
    Column("email_key", String(KEY_LENGTH), nullable=False, index=True),
    Column("first_name", String(100), nullable=False),
    Column("last_name", String(100), nullable=False),
    Column("name_key", String(1000), nullable=False),
    Column("phone", String(32)),
    Column("deleted", Boolean, nullable=False),
    *_times(),
)

ACCOUNT = Table(
    "account",
    TABLES,
    Column("id", UuidText, primary_key=True),
    Column("email", String(EMAIL_LENGTH), nullable=False),
    Column("email_key", String(KEY_LENGTH), nullable=False, unique=True),
    Column("first_name", String(100), nullable=False),
    Column("last_name", String(100), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("roles", Json, nullable=False),
    Column("enabled", Boolean, nullable=False),
    *_times(),
)

SESSION = Table(
    "session",
    TABLES,
    Column("id", UuidText, primary_key=True),
    Column("user_id", UuidText, nullable=False, index=True),
    Column("secret", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    *_times(),
)

ATTEMPT = Table(
    "sign_in_attempt",
    TABLES,
    Column("id", big_key(), primary_key=True),
    Column("account", String(64), nullable=False, index=True),
    Column("address", String(64), nullable=False, index=True),
    Column("created_at", Instant, nullable=False, index=True),
)

SIGNING_KEY = Table(
    "signing_key",
    TABLES,
    Column("kid", String(64), primary_key=True),
    Column("pem", String(4000), nullable=False),
    Column("retired_at", Instant),
    *_times(),
)
