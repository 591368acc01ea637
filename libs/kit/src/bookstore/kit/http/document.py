"""JSON bodies: read strictly, cleaned, and turned into the documents the port takes.

msgspec takes repeated names, stops at the first violation and names its place only in its
message; so a strict parse of our own comes first, which a write's small body makes cheap.
"""

import json
from functools import cached_property
from typing import Any, Final

import msgspec

from bookstore.kit.http.cleaning import Cleaner, cleaner
from bookstore.kit.http.failures import MalformedError, invalid
from bookstore.kit.http.violation import violation

DEEPEST: Final = 32
_MOST_DIGITS: Final = 64


class DocumentReader:
    """Reads bodies of one kind."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    @cached_property
    def _clean(self) -> Cleaner | None:
        """How it is cleaned, found out at the first body: a start need not wait for it."""
        return cleaner(self._kind)

    def read(self, parsed: object) -> object:
        """Return the document; raises InvalidError with a pointer to what breaks the schema."""
        if self._clean:
            parsed = self._clean(parsed, "")
        try:
            return msgspec.convert(parsed, self._kind)
        except msgspec.ValidationError as error:
            raise invalid(violation(str(error), self._kind)) from error


def parse(raw: bytes) -> object:
    """Parse JSON (RFC 8259) strictly; raises MalformedError."""
    try:
        parsed: object = _PARSER.decode(raw.decode())
        _inspect(parsed, 1)
    except UnicodeError as error:  # neither UTF-8 nor, from an escape, any text at all
        raise MalformedError("the body is not text in UTF-8") from error
    except RecursionError as error:
        raise MalformedError(f"the body is nested deeper than {DEEPEST}") from error
    except ValueError as error:
        raise MalformedError(f"the body is no JSON: {error}") from error
    return parsed


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member's name is repeated")
    return members


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no value")


def _integer(digits: str) -> int:
    """Read it, or something as far out of every range, since reading more takes its time."""
    return int(digits if len(digits) <= _MOST_DIGITS else digits[:_MOST_DIGITS])


_PARSER = json.JSONDecoder(object_pairs_hook=_members, parse_int=_integer, parse_constant=_refuse)


def _inspect(value: object, depth: int) -> None:
    """Raise for text that is none (an unpaired surrogate), and for more depth than we take."""
    match value:
        case str():
            if not value.isascii():
                value.encode()
        case dict() | list() if depth > DEEPEST:
            raise RecursionError
        case dict():
            for name, member in value.items():
                _inspect(name, depth)
                _inspect(member, depth + 1)
        case list():
            for item in value:
                _inspect(item, depth + 1)
