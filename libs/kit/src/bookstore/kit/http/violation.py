"""What msgspec says of a violation, as a field error with a JSON Pointer (RFC 6901)."""

import re

from msgspec import inspect

from bookstore.kit.errors import FieldError
from bookstore.kit.http.field_codes import FieldCode

_WHERE = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[([0-9]+)\]")
_CODES = (
    ("Expected `str` matching", FieldCode.PATTERN),
    ("Expected `str` of length", FieldCode.LENGTH),
    ("Expected `array` of length", FieldCode.LENGTH),
    ("Expected `int` <", FieldCode.RANGE),
    ("Expected `int` >", FieldCode.RANGE),
    ("Expected `int` that's", FieldCode.MULTIPLE),
    ("Invalid enum", FieldCode.ENUM),
    ("Expected", FieldCode.TYPE),
)


def violation(message: str, kind: type) -> FieldError:
    """Return what msgspec's message says about a document of the kind, and where."""
    found = _WHERE.fullmatch(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    steps = [name or index for name, index in _STEP.findall(path)]
    pointer = "".join(f"/{step}" for step in steps)
    if named := _NAMED.fullmatch(what):
        unknown = named[1] == "contains unknown"
        name = named[2].replace("~", "~0").replace("/", "~1")
        return FieldError(
            pointer=f"{pointer}/{name}",
            code=FieldCode.UNKNOWN if unknown else FieldCode.REQUIRED,
            message="there is no such field" if unknown else "it is required",
        )
    code = next((code for start, code in _CODES if what.startswith(start)), FieldCode.INVALID)
    if code is FieldCode.ENUM and (values := _choices(inspect.type_info(kind), steps)):
        what = f"Expected one of {', '.join(values)}"
    return FieldError(pointer=pointer, code=code, message=what.replace("`", ""))


def _choices(  # noqa: PLR0911 — one return for each kind of schema
    kind: inspect.Type, steps: list[str]
) -> list[str]:
    """Return the values that may stand where the steps lead."""
    match kind:
        case inspect.Metadata(type=inner):
            return _choices(inner, steps)
        case inspect.UnionType(types=types):
            return [value for inner in types for value in _choices(inner, steps)]
        case inspect.EnumType(cls=cls) if not steps:
            return [str(member.value) for member in cls]
        case inspect.LiteralType(values=values) if not steps:
            return [str(value) for value in values]
        case inspect.ListType(item_type=item) if steps:
            return _choices(item, steps[1:])
        case inspect.StructType(fields=fields) if steps:
            inner_kinds = (one.type for one in fields if one.encode_name.split("[")[0] == steps[0])
            return [value for inner in inner_kinds for value in _choices(inner, steps[1:])]
    return []
