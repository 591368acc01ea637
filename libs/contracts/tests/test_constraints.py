"""For every constraint of every request, a value that breaks it is refused, and pointed at."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from bookstore.kit.errors import InvalidError
from bookstore.kit.http import lexical
from bookstore.kit.http.document import DocumentReader
from bookstore.kit.http.operation import PUBLIC
from bookstore.kit.http.parameters import HeaderReader, QueryReader
from libs.contracts.tests.specs import Specified, flat, operations, sample
from libs.contracts.tests.violations import documents, values

OPERATIONS = list(operations())
BODIES = [one for one in OPERATIONS if one.operation.body not in {None, bytes}]
QUERIES = [one for one in OPERATIONS if one.operation.query]
HEADERS = [one for one in OPERATIONS if one.operation.header]
WORD = (str, int)


def named(cases: list[Specified]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("one", [pytest.param(case, id=case.id) for case in cases])


def schema_of(one: Specified) -> dict[str, Any]:
    ((_, media),) = one.specified["requestBody"]["content"].items()
    schema: dict[str, Any] = media["schema"]
    return schema


def parameters(one: Specified, place: str) -> list[dict[str, Any]]:
    return [each for each in one.specified["parameters"] if each["in"] == place]


@named(BODIES)
def test_a_body_that_breaks_a_constraint_is_refused(one: Specified) -> None:
    assert one.operation.body
    reader = DocumentReader(one.operation.body)
    schema = schema_of(one)
    reader.read(sample(schema))
    count = 0
    for pointer, constraint, broken in documents(schema):
        count += 1
        refused = refusal(reader.read, broken)
        assert refused, (pointer, constraint, broken)
        assert refused.fields[0].pointer == pointer, (constraint, broken)
    assert count > 3


def refusal(read: Callable[[Any], object], value: object) -> InvalidError | None:
    """Return how the value is refused, or None if it is not."""
    try:
        read(value)
    except InvalidError as error:
        return error
    return None


def texts(schema: dict[str, Any]) -> list[str]:
    """Return what breaks a parameter's constraints, as it is written in an address."""
    schema = flat(schema)
    items = schema["items"] if schema["type"] == "array" else schema
    broken = [str(value) for _, value in values(items) if isinstance(value, WORD)]
    if items["type"] == "integer":
        broken += ["", "1.0", "1e0", "null", "+1", "1_0", "\N{FULLWIDTH DIGIT ONE}"]
    elif items["type"] == "boolean":
        broken = ["", "True", "1", "yes", "null"]
    elif "pattern" not in items and "enum" not in items and "format" not in items:
        broken = [text for text in broken if text not in {"1", "True"}]
        broken += ["", " ", "\u200b", "a\x00"]
    return [text for text in broken if not _fits(text, items)]


def _fits(text: str, schema: dict[str, Any]) -> bool:
    """Whether what was meant to be of another type is fine once written in an address."""
    if schema["type"] == "integer":
        try:
            return lexical.read_integer(text) in range(schema["minimum"], schema["maximum"] + 1)
        except ValueError:
            return False
    return text in {"1", "True"} and "enum" not in schema and "format" not in schema


def written(schema: dict[str, Any]) -> str:
    """Return a good value as it is written in an address."""
    schema = flat(schema)
    value = sample(schema["items"] if schema["type"] == "array" else schema)
    return quote("true" if value is True else str(value))


@named(QUERIES)
def test_a_query_that_breaks_a_constraint_is_refused(one: Specified) -> None:
    reader = QueryReader(one.operation.query, lenient=False)
    good = {quote(each["name"]): written(each["schema"]) for each in parameters(one, "query")}
    reader.read(urlencoded(good))
    for parameter in parameters(one, "query"):
        name, schema = parameter["name"], flat(parameter["schema"])
        wire = quote(name)
        broken = [urlencoded(good | {wire: quote(text)}) for text in texts(schema)]
        too_often = schema["maxItems"] + 1 if schema["type"] == "array" else 2
        broken.append(urlencoded(good) + f"&{wire}={good[wire]}".encode() * (too_often - 1))
        if parameter.get("required"):
            broken.append(urlencoded({n: text for n, text in good.items() if n != wire}))
        for query in broken:
            refused = refusal(reader.read, query)
            assert refused, query
            assert refused.fields[0].pointer == name, query


def urlencoded(query: dict[str, str]) -> bytes:
    return "&".join(f"{name}={text}" for name, text in query.items()).encode()


@named(QUERIES)
def test_an_unknown_name_is_ignored_by_public_reads_alone(one: Specified) -> None:
    lenient = one.operation.roles is PUBLIC and one.operation.method == "GET"
    good = {quote(each["name"]): written(each["schema"]) for each in parameters(one, "query")}
    query = urlencoded({**good, "utm_source": "x"})
    assert (
        refusal(QueryReader(one.operation.query, lenient=lenient).read, query) is None
    ) == lenient


@named(HEADERS)
def test_a_header_that_breaks_a_constraint_is_refused(one: Specified) -> None:
    assert one.operation.header
    reader = HeaderReader(one.operation.header)
    headers = {each["name"].lower().encode(): each for each in parameters(one, "header")}
    good = {wire: sample(each["schema"]).encode() for wire, each in headers.items()}
    reader.read(good)
    for wire, parameter in headers.items():
        schema = parameter["schema"]
        for constraint, text in values(schema):
            if isinstance(text, str) and not text.endswith("\n"):  # no header does
                broken = {**good, wire: text.encode("latin-1", "replace").replace(b"?", b"\xff")}
                assert refusal(reader.read, broken), (wire, constraint)
        if parameter.get("required"):
            assert refusal(reader.read, {name: good[name] for name in good if name != wire})
