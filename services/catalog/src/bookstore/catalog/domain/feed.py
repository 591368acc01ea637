"""A feed: the CSV file in which somebody sends us books, and how it is cut into rows.

RFC 4180 in UTF-8, with or without BOM, with LF or CRLF; columns by name, in any order. A record
ends where its quotes are even; one that does not within a hundred lines is broken, and reading
goes on with the line after its first, so that a stray quote costs one row and not the file.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from bookstore.kit.errors import InvalidError

LONGEST_RECORD = 100  # lines
LONGEST_ROW = 128 * 1024  # characters
_NEEDED = "the first line must name the columns, separated by commas, among them "


class FeedEncodingError(InvalidError):
    """The file is not UTF-8: nothing of it was loaded."""

    code = "feed-encoding"


class FeedHeaderError(InvalidError):
    """The first line does not name the columns we need: nothing of the file was loaded."""

    code = "feed-header"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of a row: why it was refused, or what was passed over in it."""

    line: int
    book_id: str | None
    code: str
    reason: str


class RowRefusedError(Exception):
    """A row that cannot be loaded, and why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


Row = Mapping[str, str]


def records(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Cut lines (with their ends) into records; yield the offset of each one's first line."""
    source = iter(lines)
    waiting: deque[str] = deque()  # looked at in vain: their quotes are all even
    offset = 0
    while True:
        first = waiting.popleft() if waiting else next(source, None)
        if first is None:
            return
        record = [first]
        if _is_odd(first):
            following: list[str] = []
            for line in islice(source, LONGEST_RECORD - 1):
                following.append(line)
                if _is_odd(line):
                    record += following
                    break
            else:
                waiting.extend(following)
        yield offset, "".join(record)
        offset += len(record)


def _is_odd(line: str) -> bool:
    return line.count('"') % 2 == 1


@dataclass(frozen=True, slots=True)
class Header:
    """The names of a feed's columns, in their order."""

    columns: tuple[str, ...]

    @classmethod
    def read(cls, line: str) -> "Header":
        """Read the first line; raises FeedHeaderError."""
        try:
            columns = tuple(name.strip() for name in fields(line))
        except RowRefusedError as error:
            raise FeedHeaderError(f"{_NEEDED}book_id and title") from error
        named = [name for name in columns if name]
        if len(set(named)) < len(named):
            raise FeedHeaderError("a column is named twice in the first line")
        if "book_id" not in named or not {"title", "original_title"} & set(named):
            raise FeedHeaderError(f"{_NEEDED}book_id and title")
        return cls(columns)

    def row(self, record: str) -> Row:
        """Name the record's fields; raises RowRefusedError."""
        if len(record) > LONGEST_ROW:
            raise RowRefusedError("row-too-long", f"a row has up to {LONGEST_ROW:,} characters")
        values = fields(record)
        if len(values) != len(self.columns):
            raise RowRefusedError(
                "row-malformed", f"it has {len(values)} fields, the header has {len(self.columns)}"
            )
        return dict(zip(self.columns, values, strict=True))

    def book_id(self, record: str) -> str | None:
        """Return the record's book_id as far as it can be made out, even of a broken record."""
        place = self.columns.index("book_id")
        values = record.split(",", place + 1)
        found = values[place].strip().strip('"')[:64] if place < len(values) else ""
        return found or None


def fields(record: str) -> list[str]:
    """Return a record's fields; raises RowRefusedError where its quotes or length are wrong."""
    try:
        rows = list(csv.reader([record], strict=True))
    except csv.Error as error:
        raise RowRefusedError("row-malformed", f"it breaks RFC 4180: {error}") from error
    return rows[0] if rows else []
