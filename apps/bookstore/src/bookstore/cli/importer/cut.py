"""A file of books, cut into parts that are small enough to send one after the other."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bookstore.catalog.domain.feed import records
from bookstore.cli.terminal import CommandError

ROWS: Final = 1_000  # of a part


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


def cut(text: str, rows: int = ROWS) -> Iterator[Part]:
    """Cut the feed into parts of so many rows; a file that has only its header is one part."""
    rest = records(io.StringIO(text, newline="\n"))
    _, header = next(rest)
    if not header.endswith("\n"):
        header += "\n"
    part = list(islice(rest, rows))
    if not part:
        yield Part(first_line=2, rows=0, body=header.encode())
    while part:
        body = header + "".join(record for _, record in part)
        yield Part(first_line=part[0][0] + 1, rows=len(part), body=body.encode())
        part = list(islice(rest, rows))
