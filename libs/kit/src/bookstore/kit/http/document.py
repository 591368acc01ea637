"""JSON bodies: read strictly, cleaned, and turned into the documents the port takes.

msgspec takes repeated names, stops at the first violation and names its place only in its
message; so a strict parse of our own comes first, which a write's small body makes cheap.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import inspect

from bookstore.kit.errors import FieldError
from bookstore.kit.http import lexical
from bookstore.kit.http.failures import MalformedError, invalid
from bookstore.kit.http.wording import (
    KEPT,
    LINES,
    VERBATIM,
    WordingError,
    read_kept,
    read_lines,
    read_text,
    read_verbatim,
)

DEEPEST: Final = 32

Cleaner: TypeAlias = Callable[[Any, str], Any]


class DocumentReader:
    """Reads bodies of one kind."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._clean = _cleaner(inspect.type_info(kind), {})

    def read(self, parsed: object) -> object:
        """Return the document; raises InvalidError with a pointer to what breaks the schema."""
        if self._clean:
            parsed = self._clean(parsed, "")
        try:
            return msgspec.convert(parsed, self._kind)
        except msgspec.ValidationError as error:
            raise invalid(violation(str(error))) from error


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


_PARSER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_refuse)


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


# --- what msgspec says, as a pointer

_WHERE = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[([0-9]+)\]")
_CODES = (
    ("Expected `str` matching", "pattern"),
    ("Expected `str` of length", "length"),
    ("Expected `array` of length", "length"),
    ("Expected `int` <", "range"),
    ("Expected `int` >", "range"),
    ("Expected `int` that's", "multiple"),
    ("Invalid enum", "enum"),
    ("Expected", "type"),
)


def violation(message: str) -> FieldError:
    """Return what msgspec's message says, with its path as a JSON Pointer (RFC 6901)."""
    found = _WHERE.fullmatch(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    pointer = "".join(f"/{name or index}" for name, index in _STEP.findall(path))
    if named := _NAMED.fullmatch(what):
        unknown = named[1] == "contains unknown"
        name = named[2].replace("~", "~0").replace("/", "~1")
        return FieldError(
            pointer=f"{pointer}/{name}",
            code="unknown" if unknown else "required",
            message="there is no such field" if unknown else "it is required",
        )
    code = next((code for start, code in _CODES if what.startswith(start)), "invalid")
    return FieldError(pointer=pointer, code=code, message=what.replace("`", ""))


# --- cleaning

_TEXTS: Final = {LINES: read_lines, KEPT: read_kept, VERBATIM: read_verbatim}


def _cleaner(  # noqa: PLR0911 — one return for each kind of schema
    kind: inspect.Type, known: dict[type, Cleaner], text: str = ""
) -> Cleaner | None:
    """Return what makes a parsed value fit to be converted to the type, if there is need."""
    match kind:
        case inspect.Metadata(type=inner, extra=extra):
            return _cleaner(inner, known, (extra or {}).get("text", ""))
        case inspect.UnionType(types=types):
            inner_kinds = [t for t in types if not isinstance(t, inspect.NoneType)]
            return _cleaner(inner_kinds[0], known, text) if len(inner_kinds) == 1 else None
        case inspect.StrType(pattern=None):
            return _each_text(_TEXTS.get(text, read_text))
        case inspect.StrType():
            return _each_text(_TEXTS.get(text, read_verbatim))
        case inspect.DateTimeType():
            return _each_text(lexical.read_instant)
        case inspect.DateType():
            return _each_text(lexical.read_date)
        case inspect.UUIDType():
            return _each_text(lexical.read_uuid)
        case inspect.ListType(item_type=item):
            return _each_item(_cleaner(item, known, text))
        case inspect.StructType():
            return _each_field(kind, known)
    return None


def _each_text(read: Callable[[str], object]) -> Cleaner:
    def clean(value: Any, pointer: str) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return read(value)
        except WordingError as error:
            raise invalid(error.at(pointer)) from error
        except ValueError as error:
            message = str(error)
            raise invalid(FieldError(pointer=pointer, code="format", message=message)) from error

    return clean


def _each_item(clean_item: Cleaner | None) -> Cleaner | None:
    if clean_item is None:
        return None

    def clean(value: Any, pointer: str) -> Any:
        if not isinstance(value, list):
            return value
        return [clean_item(item, f"{pointer}/{index}") for index, item in enumerate(value)]

    return clean


def _each_field(kind: inspect.StructType, known: dict[type, Cleaner]) -> Cleaner:
    if kind.cls in known:
        return known[kind.cls]
    cleaners: dict[str, Cleaner] = {}

    def clean(value: Any, pointer: str) -> Any:
        if isinstance(value, dict):
            for name, clean_member in cleaners.items():
                if name in value:
                    value[name] = clean_member(value[name], f"{pointer}/{name}")
        return value

    known[kind.cls] = clean
    for field in kind.fields:
        if found := _cleaner(field.type, known):
            cleaners[field.encode_name] = found
    return clean
