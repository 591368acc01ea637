"""Text as people type it: made comparable, and refused where nobody could see it."""

import unicodedata

_DOT_ABOVE = "\u0307"
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co"})


def clean(text: str) -> str:
    """Return the text in NFC, without white space at its ends."""
    return unicodedata.normalize("NFC", text).strip()


def is_visible(text: str) -> bool:
    """Whether there is anything to see: not blank, nor made of invisible characters only."""
    return any(unicodedata.category(character) not in _INVISIBLE for character in text)


def has_controls(text: str, *, lines: bool = False) -> bool:
    """Whether there is a C0 control or DEL in it; with `lines`, line breaks and tabs are fine."""
    allowed = "\n\r\t" if lines else ""
    return any((ch < " " or ch == "\x7f") and ch not in allowed for ch in text)


def fold(text: str) -> str:
    """Return what "contains" is compared by: NFKC, case folded, NFKC again.

    The dot above an i is dropped, so that İ counts as i; accents count.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize(
        "NFC", unicodedata.normalize("NFD", folded).replace("i" + _DOT_ABOVE, "i")
    )
