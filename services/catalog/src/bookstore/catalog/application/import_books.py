"""Importing a feed: each row becomes a book, or is reported; safe to repeat."""

import asyncio
import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from bookstore.catalog.application.ports import Stockroom, Store
from bookstore.catalog.application.shelve_books import shelve
from bookstore.catalog.domain.feed import (
    FeedEncodingError,
    Header,
    Remark,
    RowRefusedError,
    records,
)
from bookstore.catalog.domain.feed_book import FeedBook, read_book
from bookstore.kit.clock import Clock
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact

BATCH = 1000  # rows in a transaction; inventory stocks as many at once
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A file, or a part of one with the header row in front.

    `first_line` is the file's line number of the first line after the header; `copies` of each
    book are stocked; `currency` is that of prices whose row names none.
    """

    name: str
    content: bytes
    first_line: int = 2
    copies: int = 10
    currency: str = "USD"


@dataclass(slots=True)
class Report:
    """What became of each row."""

    created: int = 0
    unchanged: int = 0
    stocked: int = 0
    refusals: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)

    @property
    def received(self) -> int:
        """How many rows were read."""
        return self.created + self.unchanged + len(self.refusals)


@dataclass(frozen=True, slots=True)
class ImportBooks:
    """Loads a feed in batches, each in one transaction, and stocks what was loaded.

    The feed's own ids are the key, and only books that are stocked nowhere are stocked: what was
    cut short is finished by repeating it, and what is repeated changes nothing.
    """

    transact: Transact[Store]
    stockroom: Stockroom
    clock: Clock

    async def __call__(self, feed: Feed) -> Report:
        """Import it; raises FeedEncodingError, FeedHeaderError or UnavailableError.

        Raises UnknownCurrencyError too, before anything is read.
        """
        Money(0, feed.currency)
        await asyncio.to_thread(_must_be_utf8, feed.content)
        report = Report()
        rows = _rows(feed, report)
        while batch := await asyncio.to_thread(lambda: list(islice(rows, BATCH))):
            work = partial(shelve, feed=feed.name, rows=batch, now=self.clock.now())
            shelved = await self.transact(work)
            report.created += shelved.created
            report.unchanged += shelved.unchanged
            report.refusals += shelved.refusals
            report.notes += shelved.notes
            if feed.copies and shelved.on_sale:
                wanted = dict.fromkeys(shelved.on_sale.values(), feed.copies)
                report.stocked += await self.stockroom.stock(wanted)
        report.refusals.sort(key=lambda refusal: refusal.line)
        return report


def _must_be_utf8(content: bytes) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise FeedEncodingError(
            "the file is not UTF-8: save it as UTF-8 and send it again"
        ) from error


def _rows(feed: Feed, report: Report) -> Iterator[tuple[int, FeedBook]]:
    """Yield the books with their lines; put refused rows into the report.

    A row that says something else under a book_id that was there before is refused.
    """
    file = io.TextIOWrapper(io.BytesIO(feed.content), encoding="utf-8-sig", newline="\n")
    rows = records(file)
    _, first = next(rows, (0, ""))
    header = Header.read(first)
    before = first.count("\n")
    seen: dict[str, tuple[int, FeedBook]] = {}  # by book_id, where it was first and what it said
    for offset, record in rows:
        if not record.strip():
            continue
        line = feed.first_line + offset - before
        book_id = None
        try:
            row = header.row(record)
            book_id = row["book_id"].strip()[:64] or None
            book = read_book(row, feed=feed.name, currency=feed.currency)
            _must_agree(seen.setdefault(book.book_id, (line, book)), book)
            yield line, book
        except RowRefusedError as error:
            named = book_id or header.book_id(record)
            report.refusals.append(Remark(line, named, error.code, error.reason))


def _must_agree(first: tuple[int, FeedBook], book: FeedBook) -> None:
    line, said = first
    if said != book:
        raise RowRefusedError(
            "duplicate-row", f"line {line} has this book_id, and says something else"
        )
