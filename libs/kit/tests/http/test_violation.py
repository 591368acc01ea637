"""What msgspec refuses is told with a pointer, a code of the table, and what would be right."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct, field

from bookstore.kit.http.field_codes import FieldCode
from bookstore.kit.http.violation import violation


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Part(Struct, forbid_unknown_fields=True):
    kind: Literal["lid", "box"]


class Thing(Struct, forbid_unknown_fields=True):
    size: Annotated[int, Meta(ge=1, le=9)] = 1
    name: Annotated[str, Meta(max_length=3, pattern="^[a-z]*$")] = ""
    colour: Colour | None = None
    colours: list[Annotated[Colour, Meta()]] = field(default_factory=list, name="colours[]")
    parts: list[Part] = []


@pytest.mark.parametrize(
    ("document", "pointer", "code"),
    [
        ({"size": "1"}, "/size", FieldCode.TYPE),
        ({"size": 0}, "/size", FieldCode.RANGE),
        ({"size": 10}, "/size", FieldCode.RANGE),
        ({"name": "abcd"}, "/name", FieldCode.LENGTH),
        ({"name": "A"}, "/name", FieldCode.PATTERN),
        ({"nam": "a"}, "/nam", FieldCode.UNKNOWN),
        ({"parts": [{}]}, "/parts/0/kind", FieldCode.REQUIRED),
    ],
)
def test_it_says_where_and_by_which_code(
    document: dict[str, Any], pointer: str, code: FieldCode
) -> None:
    said = refused(document)
    assert (said.pointer, said.code) == (pointer, code)


@pytest.mark.parametrize(
    ("document", "pointer", "values"),
    [
        ({"colour": "green"}, "/colour", "red, blue"),
        ({"colours[]": ["red", "green"]}, "/colours/1", "red, blue"),
        ({"parts": [{"kind": "lid"}, {"kind": "bag"}]}, "/parts/1/kind", "box, lid"),
    ],
)
def test_a_value_that_is_none_of_a_few_is_told_which_there_are(
    document: dict[str, Any], pointer: str, values: str
) -> None:
    said = refused(document)
    assert (said.pointer, said.code) == (pointer, FieldCode.ENUM)
    assert said.message == f"Expected one of {values}"


def refused(document: dict[str, Any]) -> Any:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(document, Thing)
    return violation(str(error.value).replace("[]", ""), Thing)
