"""Text as people type it: made comparable, and refused where nobody could see it."""

import unicodedata

_DOT_ABOVE = "\u0307"
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co", "Cs"})
# Letters, marks and symbols that show nothing: the combining grapheme joiner, Hangul fillers,
# Khmer inherent vowels, Mongolian variation selectors, the blank of Braille, variation selectors.
_FILLERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
) | frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_LINE_BREAKS = "\n\r\t"
_SEPARATORS = "\u2028\u2029"  # they break lines, too


def clean(text: str) -> str:
    """Return the text in NFC, without white space at its ends."""
    return unicodedata.normalize("NFC", text).strip()


def is_visible(text: str) -> bool:
    """Whether there is anything to see: not blank, nor made of invisible characters only."""
    return any(
        unicodedata.category(character) not in _INVISIBLE and character not in _FILLERS
        for character in text
    )


def has_controls(text: str, *, lines: bool = False) -> bool:
    """Whether there is a control in it: C0, DEL, C1, or a separator of lines or paragraphs.

    With `lines`, separators, line breaks and tabs are fine.
    """
    if text.isascii() and text.isprintable():
        return False
    allowed = _LINE_BREAKS + _SEPARATORS if lines else ""
    return any(_is_control(character) and character not in allowed for character in text)


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f" or character in _SEPARATORS


def fold(text: str) -> str:
    """Return what "contains" is compared by: NFKC, case folded, NFKC again.

    The dot above an i is dropped, so that İ counts as i; accents count.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize(
        "NFC", unicodedata.normalize("NFD", folded).replace("i" + _DOT_ABOVE, "i")
    )
