"""A row of a feed as a book: what is believed, what is mended and what is refused."""

import re
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from zlib import crc32

from bookstore.catalog.domain.book import HIGHEST_PRICE, MOST_AUTHORS
from bookstore.catalog.domain.feed import Row, RowRefusedError
from bookstore.catalog.domain.isbn import Isbn, IsbnInvalidError, is_float, read_isbn
from bookstore.catalog.domain.text import (
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    TITLE_LENGTH,
    TextInvalidError,
    readable,
)
from bookstore.kit.cards import CardNumberError, holds_card_number
from bookstore.kit.money import MINOR_DIGITS, Money
from bookstore.kit.text import clean, fold, is_visible

_ID = re.compile(r"[!-~]{1,64}")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_LINE_BREAKS = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")
_BLANKS = re.compile(r"  +")
_DECIMAL = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,4}))?")
_SCALE = {0: 10, 2: 1, 3: 10, 4: 100}  # from cents to minor units of about the same worth


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedBook:
    """A book as a feed tells of it: authors, publisher and category by name.

    `notes` are pairs of a code and a sentence on what was passed over.
    """

    book_id: str
    title: str
    isbn: Isbn | None
    price: Money
    authors: tuple[str, ...]
    category: str | None
    publisher: str | None
    description: str | None
    notes: tuple[tuple[str, str], ...]


def read_book(row: Row, *, feed: str, currency: str) -> FeedBook:
    """Read a row; raises RowRefusedError. A year is never a reason to refuse one."""
    book_id = _no_card(row["book_id"].strip())
    if not _ID.fullmatch(book_id):
        raise RowRefusedError(
            "book-id-invalid", "book_id must be 1 to 64 visible ASCII characters"
        )
    notes: list[tuple[str, str]] = []
    try:
        return FeedBook(
            book_id=book_id,
            title=_title(row),
            isbn=_isbn(row, notes),
            price=_price(row, f"{feed}:{book_id}", currency),
            authors=_authors(row),
            category=_optional(row, "category", NAME_LENGTH),
            publisher=_optional(row, "publisher", NAME_LENGTH),
            description=_optional(row, "description", DESCRIPTION_LENGTH),
            notes=tuple(notes),
        )
    except (IsbnInvalidError, TextInvalidError) as error:
        raise RowRefusedError(error.code, error.detail) from error


def decoded(text: str) -> str:
    """Resolve HTML's character references, once; an ampersand without one stays as it is."""
    return _REFERENCE.sub(_resolved, text) if "&" in text else text


def _resolved(reference: re.Match[str]) -> str:
    whole = reference[0]
    return unescape(whole) if whole[1] == "#" else html5.get(whole[1:], whole)


def _plain(text: str) -> str:
    """Return the text decoded, on one line and singly spaced; empty if nothing is to be read."""
    text = _no_card(_BLANKS.sub(" ", clean(_LINE_BREAKS.sub(" ", decoded(text)))))
    return text if is_visible(text) else ""


def _no_card(text: str) -> str:
    if holds_card_number(text):
        raise RowRefusedError(CardNumberError.code, "a card number has no place in a catalogue")
    return text


def _title(row: Row) -> str:
    title = _plain(row.get("title", "")) or _plain(row.get("original_title", ""))
    if not title:
        raise RowRefusedError("title-missing", "it has neither a title nor an original title")
    return readable(title, "/title", TITLE_LENGTH)


def _optional(row: Row, column: str, longest: int) -> str | None:
    text = _plain(row.get(column, ""))
    return readable(text, f"/{column}", longest) if text else None


def _authors(row: Row) -> tuple[str, ...]:
    """Return the names, in their order; what compares alike is one author."""
    names = [_plain(name) for name in row.get("authors", "").split(",")]
    authors = {fold(name): readable(name, "/authors", NAME_LENGTH) for name in names[::-1] if name}
    if len(authors) > MOST_AUTHORS:
        raise RowRefusedError("too-many-authors", f"a book has up to {MOST_AUTHORS} authors")
    return tuple(dict.fromkeys(authors[fold(name)] for name in names if name))


def _isbn(row: Row, notes: list[tuple[str, str]]) -> Isbn | None:
    """Believe `isbn`; where it is empty `isbn13`, unless that went through a float."""
    isbn = read_isbn(row.get("isbn", ""))
    other = row.get("isbn13", "").strip()
    if not other:
        return isbn
    if is_float(other):
        if isbn is None:
            notes.append(("isbn13-float", f"isbn13 {other} went through a float: it has no ISBN"))
        return isbn
    if isbn is None:
        return read_isbn(other)
    try:
        agrees = read_isbn(other) == isbn
    except IsbnInvalidError:
        agrees = False
    if not agrees:
        notes.append(("isbn13-differs", f"isbn13 {other} is not the ISBN {isbn} of isbn"))
    return isbn


def _price(row: Row, key: str, currency: str) -> Money:
    """Read the price in major units, or make one up that is the same whenever the row comes."""
    currency = row.get("currency", "").strip() or currency
    digits = MINOR_DIGITS.get(currency)
    if digits is None:
        raise RowRefusedError("price-invalid", f"{currency} is not an ISO 4217 currency")
    text = row.get("price", "").strip()
    if not text:
        return Money((799 + 50 * (crc32(key.encode()) % 60)) * _SCALE[digits], currency)
    match = _DECIMAL.fullmatch(text)
    if not match or len(match[2] or "") > digits:
        raise RowRefusedError("price-invalid", f"{text} is not a price in {currency}")
    amount = int(match[1]) * 10**digits + int((match[2] or "").ljust(digits, "0") or 0)
    if amount > HIGHEST_PRICE:
        raise RowRefusedError("price-invalid", f"a price is at most {HIGHEST_PRICE} minor units")
    return Money(amount, currency)
