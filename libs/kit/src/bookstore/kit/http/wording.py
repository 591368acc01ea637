"""What text may look like on its way in, wherever it stands."""

from typing import Final

from bookstore.kit.errors import FieldError
from bookstore.kit.http.field_codes import FieldCode
from bookstore.kit.text import clean, has_controls, is_visible

KEPT: Final = "kept"  # passwords: kept as they come
VERBATIM: Final = "verbatim"  # what is compared by rules of its own, such as e-mail addresses
LINES: Final = "lines"  # descriptions: line breaks are fine


class WordingError(ValueError):
    """The text is not fit to be kept; `code` says why."""

    def __init__(self, code: FieldCode, message: str) -> None:
        super().__init__(message)
        self.code = code

    def at(self, pointer: str) -> FieldError:
        """Say where."""
        return FieldError(pointer=pointer, code=self.code, message=str(self))


def read_text(text: str) -> str:
    """Return the text in NFC without blanks at its ends; raises WordingError."""
    return _read(text, lines=False)


def read_lines(text: str) -> str:
    """Return text of several lines likewise."""
    return _read(text, lines=True)


def read_verbatim(text: str) -> str:
    """Return text whose form others decide; raises WordingError."""
    if has_controls(text):
        raise WordingError(FieldCode.CONTROL_CHARACTER, "control characters are not taken")
    return text


def read_kept(text: str) -> str:
    """Return the text as it came; raises WordingError for NUL."""
    if "\0" in text:
        raise WordingError(FieldCode.CONTROL_CHARACTER, "NUL is not taken")
    return text


def _read(text: str, *, lines: bool) -> str:
    if has_controls(text, lines=lines):
        raise WordingError(FieldCode.CONTROL_CHARACTER, "control characters are not taken")
    text = clean(text)
    if not is_visible(text):
        raise WordingError(FieldCode.BLANK, "there is nothing to see")
    return text
