"""Generated documents and their schemas accept and reject the same JSON."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.tests.specs import SERVICES, document, flat, module, validator

JSON = (
    st.none()
    | st.booleans()
    | st.integers(-2, 200)
    | st.floats(-1, 1)
    | st.text(max_size=5)
    | st.lists(st.integers() | st.text(max_size=5), max_size=3)
)


def documents() -> list[Any]:
    """Return (class, schema) of every document, those that services share once."""
    found = {
        (name, json.dumps(schema)): pytest.param(
            getattr(module(service), name), schema, id=f"{service}.{name}"
        )
        for service in SERVICES
        for name, schema in document(service)["components"]["schemas"].items()
        if schema.get("type") == "object" and "properties" in schema
    }
    return list(found.values())


def places(found: Any) -> list[tuple[Any, Any]]:
    """Return every container of the document, with every key in it."""
    match found:
        case dict():
            inner = list(found.items())
        case list():
            inner = list(enumerate(found))
        case _:
            return []
    return [(found, key) for key, _ in inner] + [
        place for _, value in inner for place in places(value)
    ]


def valid(schema: dict[str, Any]) -> st.SearchStrategy[Any]:  # noqa: C901 — a case each
    """Draw documents which fit the schema."""
    schema = flat(schema)
    if schema.get("nullable"):
        return st.none() | valid({**schema, "nullable": False})
    match schema:
        case {"enum": list(values)}:
            return st.sampled_from(values)
        case {"type": "string", "pattern": str(pattern)}:
            alphabet = st.characters(codec="ascii", exclude_characters="\n")
            least, most = schema.get("minLength", 0), schema["maxLength"]
            texts = st.from_regex(pattern, fullmatch=True, alphabet=alphabet)
            return texts.filter(lambda text: least <= len(text) <= most)
        case {"type": "string", "format": "date"}:
            return st.dates().map(str)
        case {"type": "string", "format": "date-time"}:
            return st.datetimes().map(lambda instant: f"{instant.isoformat()}Z")
        case {"type": "string"}:
            least, most = schema.get("minLength", 0), schema.get("maxLength", 20)
            size = {"min_size": least, "max_size": max(least, min(most, 20))}
            return st.text(st.characters(codec="utf-8"), **size)
        case {"type": "integer"}:
            return st.integers(schema["minimum"], schema["maximum"])
        case {"type": "boolean"}:
            return st.booleans()
        case {"type": "array", "items": item}:
            least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
            return st.lists(valid(item), min_size=least, max_size=max(least, min(most, 2)))
        case {"type": "object", "properties": dict(properties)}:
            required = set(schema.get("required", ()))
            return st.fixed_dictionaries(
                {name: valid(kind) for name, kind in properties.items() if name in required},
                optional={n: valid(kind) for n, kind in properties.items() if n not in required},
            )
    raise AssertionError(schema)


@st.composite
def almost(draw: st.DrawFn, schema: Any) -> Any:
    """Draw a document in which one thing is perhaps wrong."""
    found = draw(valid(schema))
    spots = [*places(found), (found, "surprise")]
    container, key = draw(st.sampled_from(spots))
    if isinstance(container, dict) and draw(st.booleans()):
        container.pop(key, None)
    else:
        container[key] = draw(JSON)
    return found


@pytest.mark.parametrize(("kind", "schema"), documents())
def test_documents_and_schemas_agree(kind: type[object], schema: dict[str, Any]) -> None:
    judge = validator(schema)

    @settings(max_examples=15)
    @given(valid(schema) | almost(schema))
    def agree(found: Any) -> None:
        try:
            msgspec.json.decode(json.dumps(found), type=kind)
        except msgspec.ValidationError:
            assert not judge.is_valid(found), found
        else:
            assert judge.is_valid(found), found

    agree()
