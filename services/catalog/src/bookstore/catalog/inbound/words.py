"""Filters by a part of a text, for both transports: folded as what they are compared with."""

from bookstore.kit.errors import FieldError, InvalidError
from bookstore.kit.text import fold, is_visible


class FilterBlankError(InvalidError):
    """There is nothing to look for in the filter."""

    code = "filter-blank"

    def __init__(self, name: str) -> None:
        """Point at the parameter."""
        message = f"there is nothing to look for in {name}"
        super().__init__(message, FieldError(pointer=name, code=self.code, message=message))


def part(name: str, text: str | None) -> str | None:
    """Return the text folded, to be taken literally; raises FilterBlankError."""
    if text is None:
        return None
    if not is_visible(text):
        raise FilterBlankError(name)
    return fold(text)
