"""What msgspec says of a violation, as a field error with a JSON Pointer (RFC 6901)."""

import re

from bookstore.kit.errors import FieldError

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
