"""The specifications as the tests see them: plain JSON schemas, operations, valid samples."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import find
from hypothesis import strategies as st
from jsonschema import Draft4Validator, FormatChecker

import bookstore.contracts
from bookstore.kit.http import Operation, lexical

SERVICES = ("catalog", "customer", "identity", "inventory", "order", "payment")
WELL_KNOWN = (
    *("x", "a@b.example", "US", "USD", "9780306406157", "0" * 32, "2" * 13),
    "0190a5d0-ac96-774b-8cce-b302099a8057",
)
FORMATS = FormatChecker(formats=())


def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or bool(lexical.read_instant(value))


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(lexical.read_date(value))


FORMATS.checks("date-time", ValueError)(_is_instant)
FORMATS.checks("date", ValueError)(_is_date)


class AnyApi:
    """A port that has every method."""

    def __getattr__(self, name: str) -> object:
        async def ask(*_arguments: object) -> None:
            """Never asked."""

        ask.__name__ = name
        return ask


@dataclass(frozen=True)
class Specified:
    """An operation, as generated and as specified."""

    service: str
    operation: Operation
    specified: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.service}.{self.specified['operationId']}"


def module(service: str) -> ModuleType:
    return import_module(f"bookstore.contracts.openapi.{service}")


@cache
def document(service: str) -> dict[str, Any]:
    """Return the bundled specification with each reference replaced by what it names."""
    path = Path(bookstore.contracts.__file__).parent / f"openapi/{service}.json"
    whole = json.loads(path.read_bytes())
    inlined: dict[str, Any] = _inlined(whole, whole)
    return inlined


def _inlined(node: Any, whole: Any) -> Any:
    match node:
        case {"$ref": str(reference)}:
            found = whole
            for step in reference.split("/")[1:]:
                found = found[step]
            return _inlined(found, whole)
        case dict():
            return {key: _inlined(value, whole) for key, value in node.items()}
        case list():
            return [_inlined(value, whole) for value in node]
    return node


def operations() -> Iterator[Specified]:
    """Yield every operation of every service."""
    for service in SERVICES:
        generated = module(service)
        paths = document(service)["paths"]
        for name in sorted(vars(generated)):
            if name.endswith("_api_operations"):
                for one in getattr(generated, name)(AnyApi()):
                    item = paths[one.path]
                    specified = item[one.method.lower()]
                    parameters = item.get("parameters", []) + specified.get("parameters", [])
                    yield Specified(service, one, specified | {"parameters": parameters})


def flat(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the one that allOf names merged in."""
    (part,) = schema.get("allOf", ({},))
    merged = {**part, **{key: value for key, value in schema.items() if key != "allOf"}}
    return flat(merged) if "allOf" in merged else merged


def plain(schema: Any) -> Any:
    """Turn an OpenAPI 3.0 schema into the JSON schema (draft 4) it was derived from."""
    match schema:
        case {"allOf": [_]}:
            return plain(flat(schema))
        case {"nullable": True, **rest}:
            return {"anyOf": [plain(rest), {"type": "null"}]}
        case {"properties": dict(properties), **rest}:
            inner = {name: plain(value) for name, value in properties.items()}
            return {**plain(rest), "properties": inner}
        case dict():
            return {key: plain(value) for key, value in schema.items()}
        case list():
            return [plain(value) for value in schema]
    return schema


def validator(schema: dict[str, Any]) -> Draft4Validator:
    return Draft4Validator(plain(schema), format_checker=FORMATS)


@cache
def matching(pattern: str, least: int, most: int) -> str:
    """Return a text that a pattern matches: a well-known one, or else one that is searched for."""
    for text in WELL_KNOWN:
        if least <= len(text) <= most and re.search(pattern, text):
            return text
    texts = st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    return find(texts, lambda text: least <= len(text) <= most)


def sample(schema: dict[str, Any]) -> Any:
    """Return a document that fits the schema and has every property."""
    schema = flat(schema)
    match schema:
        case {"enum": [first, *_]}:
            return first
        case {"type": "object", "properties": dict(properties)}:
            return {name: sample(value) for name, value in properties.items()}
        case {"type": "array", "items": dict(items)}:
            return [sample(items)] * max(1, schema.get("minItems", 0))
        case {"type": "integer"}:
            return schema["minimum"]
        case {"type": "boolean"}:
            return True
        case {"format": "date-time"}:
            return "2026-01-31T12:00:00Z"
        case {"format": "date"}:
            return "2026-01-31"
    least, most = schema.get("minLength", 0), schema.get("maxLength", 10)
    if "pattern" in schema:
        return matching(schema["pattern"], least, most)
    return "x" * max(1, least)
