"""Card numbers: recognised so that none is ever stored, logged, passed on or shown.

The rule is shared by the order and payment edges and by `bookstore verify`: 13 to 19 digits
once blanks and hyphens are taken out, the first of them 2 to 6, and a good Luhn check digit
(ISO/IEC 7812-1). Digits, blanks and hyphens are those of all scripts, and characters that nobody
sees count for nothing. ISBNs begin with 9, so the one in ten that passes Luhn is no card. What
machines write in hexadecimal (UUIDs, trace contexts, digests), whatever stands in front of it and
though its digits pass once in some thousand, is no card either.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from bookstore.kit.errors import FieldError, InvalidError

_RUN = re.compile(r"[0-9](?:[ -]*[0-9]){12,}")
_GROUP = re.compile(r"[0-9]+")
_SHORTEST, _LONGEST = 13, 19
_CARD_GROUP: Final = 4  # digits, as they are embossed
_MACHINES = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"  # a traceparent
    r"|(?=[0-9]*[a-f])[0-9a-f]{32,})",  # a trace id, a digest
    re.IGNORECASE,
)
_BLANKS = str.maketrans("\t\n\v\f\r", " " * 5)


class CardNumberError(InvalidError):
    """A card number has no place here: pay by a token; card numbers are never kept."""

    code = "card-number"

    def __init__(self, *pointers: str) -> None:
        """Name the places where one was found."""
        message = "a card number does not belong here"
        fields = (FieldError(pointer=p, code=self.code, message=message) for p in pointers)
        super().__init__(message, *fields)


def holds_card_number(text: str) -> bool:
    """Whether a card number stands anywhere in the text."""
    return any(_cards(_plain(text)))


def mask_card_numbers(text: str) -> str:
    """Return the text with an ellipsis for each card number that stands in it."""
    plain = _plain(text)
    cards = list(_cards(plain))
    if not cards:
        return text
    for begin, end in reversed(cards):
        plain = f"{plain[:begin]}…{plain[end:]}"
    return plain


def _plain(text: str) -> str:
    """Return the text with ASCII digits, blanks and hyphens for those of all scripts."""
    if text.isascii():
        return text.translate(_BLANKS) if len(text) >= _SHORTEST else text
    return "".join(map(_plain_character, unicodedata.normalize("NFKC", text)))


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in {"Cf", "Mn", "Me"}:
        return ""
    if category == "Pd" or character in "\u2212\u2043\u00b7\u30fb":  # minus, bullets, dots
        return "-"
    return " " if character.isspace() else character


def _cards(plain: str) -> Iterator[tuple[int, int]]:
    """Find runs of digits that are a card number, or hold one as it is embossed."""
    if _RUN.search(plain) is None:
        return
    plain = _MACHINES.sub(lambda found: "x" * len(found[0]), plain)
    for run in _RUN.finditer(plain):
        groups = [(found.start(), found.end()) for found in _GROUP.finditer(plain, *run.span())]
        if _is_card(plain, groups) or any(_is_card(plain, part) for part in _parts(groups)):
            yield run.span()


def _parts(groups: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield what stands side by side in groups of four digits or more, the last perhaps three."""
    for first in range(len(groups)):
        digits = 0
        for last in range(first, len(groups)):
            length = groups[last][1] - groups[last][0]
            digits += length
            if length < _CARD_GROUP - 1 or digits > _LONGEST:
                break
            yield groups[first : last + 1]
            if length < _CARD_GROUP:
                break


def _is_card(plain: str, groups: list[tuple[int, int]]) -> bool:
    digits = "".join(plain[begin:end] for begin, end in groups)
    return _SHORTEST <= len(digits) <= _LONGEST and digits[0] in "23456" and _luhn(digits)


def _luhn(digits: str) -> bool:
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(d), 10)) for d in even)) % 10 == 0
