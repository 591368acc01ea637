"""Text that people can read: normalised, visible and without control characters."""

from bookstore.kit.errors import FieldError, InvalidError
from bookstore.kit.text import clean, fold, has_controls, is_visible

NAME_LENGTH = 255
TITLE_LENGTH = 500
ADDRESS_LENGTH = 500
DESCRIPTION_LENGTH = 10_000
FOLDED_LENGTH = 765  # some characters fold to as many as eighteen; an index holds no more


class TextInvalidError(InvalidError):
    """A text is blank, too long, or holds control characters."""

    code = "text-invalid"

    def __init__(self, pointer: str, message: str) -> None:
        """Point at the field."""
        name = pointer.rpartition("/")[2]
        super().__init__(
            f"{name} {message}", FieldError(pointer=pointer, code=self.code, message=message)
        )


def readable(text: str, pointer: str, longest: int, *, lines: bool = False) -> str:
    """Return the text in NFC and trimmed; raises TextInvalidError.

    `longest` counts characters of the result; `lines` allows line breaks and tabs.
    """
    text = clean(text)
    if not is_visible(text):
        raise TextInvalidError(pointer, "has nothing to read in it")
    if has_controls(text, lines=lines):
        raise TextInvalidError(pointer, "holds control characters")
    if len(text) > longest or (not lines and len(fold(text)) > FOLDED_LENGTH):
        raise TextInvalidError(pointer, f"is longer than {longest} characters")
    return text
