"""A file of books, cut into parts that are small enough to send one after the other."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bookstore.catalog.domain.feed import LONGEST_ROW, records
from bookstore.cli.terminal import CommandError

ROWS: Final = 1_000  # of a part
_QUOTES_AND_ENDS: Final = re.compile('["\r\n]')
CHARACTERS: Final = 8 * 1024 * 1024  # of a part, which the store takes in any script


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows with the header in front; `first_line` is where the rows begin in the file."""

    first_line: int
    rows: int
    body: bytes


def read_feed(file: Path) -> str:
    """Read the whole file; raises CommandError, before anything is sent, if it cannot be read."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{file} is not UTF-8 (byte {error.start:,}): save it as UTF-8; nothing was loaded."
        ) from error
    if not text.strip():
        raise CommandError(f"{file} is empty: nothing was loaded.")
    return text


def cut(text: str, rows: int = ROWS, characters: int = CHARACTERS) -> Iterator[Part]:
    """Cut the feed into parts of so many rows and characters; one with only its header is one.

    Of a row that is too long so much is sent that the store can say so.
    """
    rest = records(io.StringIO(text, newline="\n"))
    _, header = next(rest)
    if not header.endswith("\n"):
        header += "\n"
    first, part, size = 1, list[str](), 0
    for offset, record in rest:
        if part and (len(part) == rows or size + len(record) > characters):
            yield _part(first, header, part)
            part, size = [], 0
        if not part:
            first = offset
        part.append(record if len(record) <= LONGEST_ROW else _shortened(record))
        size += len(part[-1])
    yield _part(first, header, part)


def _shortened(record: str) -> str:
    """Return a row that is too long all the same, and on one line, whatever was in it."""
    return f"{_QUOTES_AND_ENDS.sub(' ', record[:LONGEST_ROW])}…\n"


def _part(offset: int, header: str, records: list[str]) -> Part:
    body = header + "".join(records)
    return Part(first_line=offset + 1, rows=len(records), body=body.encode())
