"""How values are written in addresses and headers: one canonical form each, and no other.

Python's `int()`, `UUID()` and `fromisoformat()` are no validators: they take `1_0`, full-width
digits, braces and blanks. Each reader here returns the value or raises ValueError.
"""

import re
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

LARGEST: Final = 2**53 - 1  # the largest integer that JSON tools agree on

_ID = re.compile(r"[1-9][0-9]{0,15}")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]"
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?P<fraction>\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def read_id(text: str) -> int:
    """Read an id: a decimal from 1 to 2^53 - 1."""
    if not _ID.fullmatch(text) or int(text) > LARGEST:
        raise ValueError("expected a number from 1 to 2^53 - 1")
    return int(text)


def read_integer(text: str) -> int:
    """Read a decimal integer; its range is the schema's affair."""
    if not _INTEGER.fullmatch(text):
        raise ValueError("expected an integer")
    return int(text)


def read_boolean(text: str) -> bool:
    """Read `true` or `false`."""
    if text not in {"true", "false"}:
        raise ValueError("expected true or false")
    return text == "true"


def read_uuid(text: str) -> UUID:
    """Read a UUID in its canonical form: lower case, with hyphens."""
    if not _UUID.fullmatch(text):
        raise ValueError("expected a UUID in lower case, with hyphens")
    return UUID(text)


def read_date(text: str) -> date:
    """Read a full-date (RFC 3339)."""
    if not _DATE.fullmatch(text):
        raise ValueError("expected a date such as 2026-01-31")
    return date.fromisoformat(text)


def read_instant(text: str) -> datetime:
    """Read a date-time (RFC 3339) with any offset; return it in UTC, to the microsecond."""
    found = _INSTANT.fullmatch(text)
    if not found:
        raise ValueError("expected an instant such as 2026-01-31T12:00:00Z")
    if fraction := found["fraction"]:
        text = text.replace(fraction, fraction[:7], 1)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("expected an instant that exists in UTC") from error
