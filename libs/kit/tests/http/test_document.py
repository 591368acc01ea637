"""JSON bodies: strict, clean, and refused with a pointer."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore.kit.errors import InvalidError
from bookstore.kit.http.document import DocumentReader, parse
from bookstore.kit.http.failures import MalformedError
from libs.kit.tests.http.shop import NewThing

READER = DocumentReader(NewThing)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b"{} {}",
        b"{}x",
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"\\u0062":2}}',
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b'["\\ud800"]',
        b'{"\\udfff":1}',
        b'["\xff"]',
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b"{'a':1}",
        b"[1,]",
        b'["\n"]',
        b"01",
        nested(33),
        nested(100_000),
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_json_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(raw)


@pytest.mark.parametrize("sign", [b"", b"-"])
def test_a_number_of_any_length_is_one_and_out_of_every_range(sign: bytes) -> None:
    value = parse(sign + b"9" * 100_000)

    assert isinstance(value, int)
    assert abs(value) > 10**60
    assert (value < 0) is bool(sign)


def test_nesting_is_fine_down_to_the_limit() -> None:
    assert parse(nested(32))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=10,
    )
)
def test_json_is_read(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("document", "pointer", "code"),
    [
        ([], "", "type"),
        ({}, "/title", "required"),
        ({"title": "x", "price": 1.0}, "/price", "type"),
        ({"title": "x", "price": True}, "/price", "type"),
        ({"title": "x", "price": "1"}, "/price", "type"),
        ({"title": "x", "price": None}, "/price", "type"),
        ({"title": "x", "price": -1}, "/price", "range"),
        ({"title": "x", "price": 10**30}, "/price", "range"),
        ({"title": "x" * 21}, "/title", "length"),
        ({"title": 1}, "/title", "type"),
        ({"title": "x", "id": 1}, "/id", "unknown"),
        ({"title": "x", "a/b~c": 1}, "/a~1b~0c", "unknown"),
        ({"title": "x", "code": "abc"}, "/code", "pattern"),
        ({"title": "x", "lines": {}}, "/lines", "type"),
        ({"title": "x", "lines": [{}]}, "/lines/0/book_id", "required"),
        ({"title": "x", "lines": [{"book_id": 1}, {"book_id": 0}]}, "/lines/1/book_id", "range"),
        ({"title": "x", "lines": [{"book_id": 1, "x": 1}]}, "/lines/0/x", "unknown"),
        ({"title": "x", "lines": [{"book_id": 1}] * 3}, "/lines", "length"),
        (
            {"title": "x", "lines": [{"book_id": 1, "note": "\t"}]},
            "/lines/0/note",
            "control-character",
        ),
        ({"title": " \u200b\u2060 "}, "/title", "blank"),
        ({"title": ""}, "/title", "blank"),
        ({"title": "a\0b"}, "/title", "control-character"),
        ({"title": "a\nb"}, "/title", "control-character"),
        ({"title": "x", "description": "a\x07"}, "/description", "control-character"),
        ({"title": "x", "code": "AB\n"}, "/code", "control-character"),
        ({"title": "x", "password": "a\0"}, "/password", "control-character"),
        ({"title": "x", "owner": "0190A5D0-AC96-774B-8CCE-B302099A8057"}, "/owner", "format"),
        ({"title": "x", "seen_at": "2026-01-01 00:00:00Z"}, "/seen_at", "format"),
        ({"title": "x", "seen_at": 1767225600}, "/seen_at", "type"),
    ],
)
def test_what_breaks_the_schema_is_pointed_at(document: Any, pointer: str, code: str) -> None:
    with pytest.raises(InvalidError) as refused:
        READER.read(document)
    (field,) = refused.value.fields
    assert (field.pointer, field.code) == (pointer, code)


def test_text_is_trimmed_and_composed() -> None:
    read = READER.read({"title": "  cafe\u0301\u00a0", "lines": [{"book_id": 1, "note": " n "}]})
    assert isinstance(read, NewThing)
    assert (read.title, read.lines[0].note) == ("café", "n")


def test_length_is_that_of_the_cleaned_text() -> None:
    assert READER.read({"title": " " * 50 + "e\u0301" * 20})


def test_some_text_keeps_its_form() -> None:
    read = READER.read(
        {"title": "x", "description": "a\r\n\tb ", "password": " e\u0301 ", "code": " A "}
    )
    assert isinstance(read, NewThing)
    assert (read.description, read.password, read.code) == ("a\r\n\tb", " e\u0301 ", " A ")
