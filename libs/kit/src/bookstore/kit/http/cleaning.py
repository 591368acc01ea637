"""What is done to a parsed document before it is held to its schema, worked out from its type.

Text becomes NFC without blanks at its ends; instants, dates and UUIDs are read by their one form,
which msgspec is too generous about.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from msgspec import inspect

from bookstore.kit.errors import FieldError
from bookstore.kit.http import lexical
from bookstore.kit.http.failures import invalid
from bookstore.kit.http.field_codes import FieldCode
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

Cleaner: TypeAlias = Callable[[Any, str], Any]

_TEXTS: Final = {LINES: read_lines, KEPT: read_kept, VERBATIM: read_verbatim}


def cleaner(kind: type) -> Cleaner | None:
    """Return what cleans documents of the kind, given a pointer to them, if there is need."""
    return _cleaner(inspect.type_info(kind), {})


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
            field = FieldError(pointer=pointer, code=FieldCode.FORMAT, message=str(error))
            raise invalid(field) from error

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
