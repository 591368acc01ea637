"""ISBNs: thirteen digits of which the last checks the others (ISO 2108)."""

import re
from typing import NewType

from bookstore.kit.errors import FieldError, InvalidError

Isbn = NewType("Isbn", str)

_ISBN13 = re.compile(r"97(?:8[0-9]|9[1-9])[0-9]{9}")  # 979-0 is printed music
_ISBN10 = re.compile(r"[0-9]{9}[0-9X]")
_SHORTENED = re.compile(r"[0-9]{5,8}[0-9X]")  # a spreadsheet dropped up to four leading zeros
_FLOAT = re.compile(r"[+-]?[0-9]*[.,][0-9]*(?:[eE][+-]?[0-9]+)?|[+-]?[0-9]+[eE][+-]?[0-9]+")
_GUARDED = re.compile(r'="(.*)"')  # how spreadsheets are told to leave digits alone
_SEPARATORS = re.compile(r"[\s\u2010-\u2015-]")


class IsbnInvalidError(InvalidError):
    """It is not an ISBN of a book: its form or its check digit is wrong."""

    code = "isbn-invalid"

    def __init__(self, text: str, why: str) -> None:
        """Point at the field; `why` completes the sentence "0439023484 is not an ISBN: …"."""
        message = f"{text} is not an ISBN: {why}"
        super().__init__(message, FieldError(pointer="/isbn", code=self.code, message=message))


def isbn13(digits: str) -> Isbn:
    """Check thirteen digits; raises IsbnInvalidError."""
    if not _ISBN13.fullmatch(digits):
        raise IsbnInvalidError(
            digits, "it takes 13 digits that begin with 978, or 979 but not 979-0"
        )
    if digits[12] != _check_digit(digits[:12]):
        raise IsbnInvalidError(digits, "its check digit is wrong")
    return Isbn(digits)


def read_isbn(text: str) -> Isbn | None:
    """Read what feeds write for an ISBN, of ten digits or thirteen; None if it is empty.

    Takes hyphens, blanks, a small x, `="…"`, and ISBN-10s that lost their leading zeros; never
    believes a float such as 9.78E+12. Raises IsbnInvalidError.
    """
    text = text.strip()
    if guarded := _GUARDED.fullmatch(text):
        text = guarded[1]
    if is_float(text):
        raise IsbnInvalidError(text, "a spreadsheet made a number of it")
    digits = _SEPARATORS.sub("", text).upper()
    if not digits:
        return None
    if _SHORTENED.fullmatch(digits):
        digits = digits.zfill(10)
    if _ISBN10.fullmatch(digits):
        return _widened(digits, text)
    return isbn13(digits)


def is_float(text: str) -> bool:
    """Whether a spreadsheet made a number with a point or an exponent of it."""
    return _FLOAT.fullmatch(text.strip()) is not None and any(c in "0123456789" for c in text)


def _widened(digits: str, text: str) -> Isbn:
    """Return the ISBN-13 of an ISBN-10, whose weights run from ten down to one."""
    values = [10 if digit == "X" else int(digit) for digit in digits]
    if sum(value * weight for value, weight in zip(values, range(10, 0, -1), strict=True)) % 11:
        raise IsbnInvalidError(text, "its check digit is wrong")
    stem = f"978{digits[:9]}"
    return Isbn(stem + _check_digit(stem))


def _check_digit(stem: str) -> str:
    weighted = (int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(stem))
    return str(-sum(weighted) % 10)
