"""Query, header and cookie parameters: read by their form, then held to their schema."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect

from bookstore.kit.errors import FieldError
from bookstore.kit.http import lexical
from bookstore.kit.http.failures import (
    IdempotencyKeyInvalidError,
    IdempotencyKeyRequiredError,
    MalformedError,
    invalid,
)
from bookstore.kit.http.field_codes import FieldCode
from bookstore.kit.http.violation import violation
from bookstore.kit.http.wording import VERBATIM, WordingError, read_text, read_verbatim

Read: TypeAlias = Callable[[str], Any]

_MOST = 2000  # parameters of one request


class QueryReader:
    """Reads an operation's query; with `lenient`, names that it does not know are ignored."""

    def __init__(self, kind: type | None, *, lenient: bool) -> None:
        self._kind = kind
        self._lenient = lenient
        self._single: dict[str, Read] = {}
        self._lists: dict[str, Read] = {}
        for field in _fields(kind):
            inner = _without_none(field.type)
            if isinstance(inner, inspect.ListType):
                self._lists[field.encode_name] = _reader(inner.item_type)
            else:
                self._single[field.encode_name] = _reader(inner)
        self._must_ask = any(field.required for field in _fields(kind))
        self._nothing_asked = _default(kind)

    def read(self, query_string: bytes) -> Any:
        """Return the query; raises MalformedError, or InvalidError naming the parameters."""
        if not query_string and not self._must_ask:
            return self._nothing_asked
        values: dict[str, Any] = {}
        errors: list[FieldError] = []
        for name, text in _pairs(query_string):
            try:
                if name in self._lists:
                    values.setdefault(name, []).append(self._lists[name](text))
                elif name in values:
                    errors.append(_error(name, FieldCode.REPEATED, "it is named more than once"))
                elif name in self._single:
                    values[name] = None  # so that a repetition of a bad value is one, too
                    values[name] = self._single[name](text)
                elif not self._lenient:
                    errors.append(_error(name, FieldCode.UNKNOWN, "there is no such parameter"))
            except WordingError as error:
                errors.append(error.at(name))
            except ValueError as error:
                errors.append(_error(name, FieldCode.FORMAT, str(error)))
        if errors:
            raise invalid(*errors)
        return _convert(values, self._kind) if self._kind else None


class HeaderReader:
    """Reads an operation's headers: field `if_match` from If-Match."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._readers = [
            (field.name, field.name.replace("_", "-").encode(), _header_reader(field.type))
            for field in _fields(kind)
        ]
        self._required = {field.name for field in _fields(kind) if field.required}
        self._nothing_said = _default(kind)

    def read(self, headers: Mapping[bytes, bytes]) -> Any:
        """Return the headers; raises MalformedError, or what is wrong with Idempotency-Key."""
        values = {
            name: read(headers[wire].decode("latin-1"))
            for name, wire, read in self._readers
            if wire in headers
        }
        if not values and self._nothing_said is not None:
            return self._nothing_said
        given = {name for name, value in values.items() if value or name != "idempotency_key"}
        for name in sorted(self._required - given):
            if name == "idempotency_key":
                raise IdempotencyKeyRequiredError
            raise MalformedError(f"the header {name.replace('_', '-')} is needed")
        try:
            return msgspec.convert(values, self._kind)
        except msgspec.ValidationError as error:
            field = violation(str(error), self._kind)
            if field.pointer == "/idempotency_key":
                raise IdempotencyKeyInvalidError from error
            name = field.pointer.lstrip("/").replace("_", "-")
            raise MalformedError(f"the header {name}: {field.message}") from error


class CookieReader:
    """Reads an operation's cookies (RFC 6265, 5.4); a client's many others are ignored."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._names = {field.encode_name for field in _fields(kind)}

    def read(self, headers: Mapping[bytes, bytes]) -> Any:
        """Return the cookies; raises MalformedError."""
        values: dict[str, str] = {}
        for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
            name, _, value = part.strip().partition("=")
            if name in self._names:
                values.setdefault(name, value.strip('"'))
        try:
            return msgspec.convert(values, self._kind)
        except msgspec.ValidationError as error:
            field = violation(str(error), self._kind)
            raise MalformedError(f"the cookie {field.pointer[1:]}: {field.message}") from error


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query_string.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST
        )
    except UnicodeDecodeError as error:
        raise MalformedError("the query is not text in UTF-8") from error
    except ValueError as error:
        raise MalformedError(f"the query names more than {_MOST} parameters") from error


def _convert(values: dict[str, Any], kind: type) -> Any:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        field = violation(str(error).replace("[]", ""), kind)
        name = field.pointer.split("/")[1]
        if name not in values:  # a list, whose name ends so
            name += "[]" * (f"{name}[]" in values)
        raise invalid(_error(name, field.code, field.message)) from error


def _error(name: str, code: str, message: str) -> FieldError:
    return FieldError(pointer=name, code=code, message=message)


def _fields(kind: type | None) -> Sequence[inspect.Field]:
    info = inspect.type_info(kind) if kind else None
    return info.fields if isinstance(info, inspect.StructType) else ()


def _default(kind: type | None) -> Any:
    """Return what is read where nothing is there, unless something must be."""
    if kind is None or any(field.required for field in _fields(kind)):
        return None
    return kind()


def _without_none(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.UnionType):
        (kind,) = (inner for inner in kind.types if not isinstance(inner, inspect.NoneType))
    return kind


def _reader(kind: inspect.Type) -> Read:  # noqa: PLR0911 — one return for each kind of schema
    verbatim = False
    if isinstance(kind, inspect.Metadata):
        verbatim = (kind.extra or {}).get("text") == VERBATIM
        kind = kind.type
    match kind:
        case inspect.IntType():
            return lexical.read_integer
        case inspect.BoolType():
            return lexical.read_boolean
        case inspect.UUIDType():
            return lexical.read_uuid
        case inspect.DateTimeType():
            return lexical.read_instant
        case inspect.DateType():
            return lexical.read_date
        case inspect.StrType(pattern=pattern):
            return read_text if pattern is None and not verbatim else read_verbatim
    return str  # an enum's value


def _header_reader(kind: inspect.Type) -> Read:
    """Return the reader of a header: as it is, but for blanks around it, which are HTTP's."""
    return lexical.read_integer if isinstance(_without_none(kind), inspect.IntType) else str.strip
