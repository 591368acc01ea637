"""Every way to break a schema by one value, from its constraints."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from libs.contracts.tests.specs import flat, matching, sample

OTHER_TYPES: dict[str, list[Any]] = {
    "string": [1, True, [], {}],
    "integer": ["1", 1.5, 1.0, True, [], {}],
    "boolean": ["true", 1, [], {}],
    "array": ["x", 1, {}],
    "object": ["x", 1, []],
}
NO_FORMAT = {
    "date-time": ["", "yesterday", "2026-02-30T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01"],
    "date": ["", "2026-02-30", "20260101"],
}


def values(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield (constraint, value) for what a value itself may break."""
    schema = flat(schema)
    for other in OTHER_TYPES[schema["type"]]:
        yield "type", other
    if not schema.get("nullable"):
        yield "nullable", None
    if "enum" in schema:
        yield "enum", "no-such-value"
        yield "enum", schema["enum"][0].swapcase()
        return
    for text in NO_FORMAT.get(schema.get("format", ""), ()):
        yield "format", text
    if "minimum" in schema:
        yield "minimum", schema["minimum"] - 1
        yield "maximum", schema["maximum"] + 1
    yield from _texts(schema)
    if schema["type"] == "array":
        item = sample(schema["items"])
        if schema.get("minItems"):
            yield "minItems", [item] * (schema["minItems"] - 1)
        if "maxItems" in schema:
            yield "maxItems", [item] * (schema["maxItems"] + 1)


def _texts(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if schema["type"] != "string":
        return
    text = sample(schema)
    if schema.get("minLength"):
        yield "minLength", text[: schema["minLength"] - 1]
    if "maxLength" in schema:
        filled = text * (schema["maxLength"] // len(text) + 1) if text else "x" * 999
        yield "maxLength", filled[: schema["maxLength"] + 1]
    if "pattern" in schema:
        least = max(1, schema.get("minLength", 1))
        yield "pattern", "\N{SNOWMAN}" * least
        yield "pattern", "\N{ARABIC-INDIC DIGIT SEVEN}" * least
        yield "pattern", f"{matching(schema['pattern'], least, schema['maxLength'])[:-1]}\n"


def documents(schema: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield (pointer, constraint, document): a document with each constraint broken once."""
    whole = sample(schema)
    for pointer, constraint, steps, value in _breaks(schema, "", ()):
        broken = deepcopy(whole)
        if not steps:
            yield pointer, constraint, value
            continue
        *way, last = steps
        container = broken
        for step in way:
            container = container[step]
        if value is _GONE:
            del container[last]
        else:
            container[last] = value
        yield pointer, constraint, broken


_GONE = object()


def _breaks(
    schema: dict[str, Any], pointer: str, steps: tuple[Any, ...]
) -> Iterator[tuple[str, str, tuple[Any, ...], Any]]:
    schema = flat(schema)
    for constraint, value in values(schema):
        yield pointer, constraint, steps, value
    match schema:
        case {"type": "object", "properties": dict(properties)}:
            yield f"{pointer}/surprise", "additionalProperties", (*steps, "surprise"), 1
            for name in schema.get("required", ()):
                yield f"{pointer}/{name}", "required", (*steps, name), _GONE
            for name, inner in properties.items():
                yield from _breaks(inner, f"{pointer}/{name}", (*steps, name))
        case {"type": "array", "items": dict(items)}:
            yield from _breaks(items, f"{pointer}/0", (*steps, 0))
