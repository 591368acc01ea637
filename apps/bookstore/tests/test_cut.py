"""Feeds are cut where rows end, and every row keeps its line number."""

import io
from pathlib import Path

import pytest

from bookstore.catalog.domain.feed import Header, RowRefusedError, records
from bookstore.cli.importer.cut import Part, cut, read_feed
from bookstore.cli.terminal import CommandError


def test_parts_carry_the_header_and_the_line_at_which_they_begin() -> None:
    parts = list(cut("book_id,title\n1,A\n2,B\n3,C\n", rows=2))

    assert parts == [
        Part(first_line=2, rows=2, body=b"book_id,title\n1,A\n2,B\n"),
        Part(first_line=4, rows=1, body=b"book_id,title\n3,C\n"),
    ]


def test_a_line_break_in_quotes_does_not_end_a_row() -> None:
    parts = list(cut('book_id,title\r\n1,"A\r\nB"\r\n2,C\r\n', rows=1))

    assert [(part.first_line, part.body) for part in parts] == [
        (2, b'book_id,title\r\n1,"A\r\nB"\r\n'),
        (4, b"book_id,title\r\n2,C\r\n"),
    ]


def test_a_stray_quote_costs_one_row() -> None:
    rows = "".join(f"{n},Title {n}\n" for n in range(2, 200))

    parts = list(cut(f'book_id,title\n1,"broken\n{rows}', rows=1))

    assert (parts[0].body, parts[0].first_line) == (b'book_id,title\n1,"broken\n', 2)
    assert (parts[1].body, parts[1].first_line) == (b"book_id,title\n2,Title 2\n", 3)
    assert len(parts) == 199


def test_a_row_that_is_too_long_costs_itself_and_is_still_named() -> None:
    long = f'1,"{"x" * 3_000_000}\n{"y" * 3_000_000}"\n'

    (part,) = cut(f"book_id,title\n{long}2,B\n")

    assert (part.rows, len(part.body) < 200_000) == (2, True)
    lines = [line for _, line in records(io.StringIO(part.body.decode(), newline="\n"))]
    header = Header.read(lines[0])
    with pytest.raises(RowRefusedError, match="a row has up to 131,072 characters"):
        header.row(lines[1])
    assert header.book_id(lines[1]) == "1"
    assert header.row(lines[2]) == {"book_id": "2", "title": "B"}


def test_a_part_is_never_larger_than_a_store_takes() -> None:
    parts = list(
        cut("book_id,title\n" + "".join(f"{n},{'é' * 90}\n" for n in range(20)), characters=300)
    )

    assert [part.first_line for part in parts] == list(range(2, 22, 3))
    assert sum(part.rows for part in parts) == 20


def test_unusual_line_separators_are_part_of_the_text() -> None:
    parts = list(cut("book_id,title\n1,A\u2028B\x0b\x85C\n2,D\n", rows=1))

    assert [part.first_line for part in parts] == [2, 3]


def test_a_file_without_rows_is_one_part_so_that_its_header_is_judged() -> None:
    assert list(cut("book_id,title")) == [Part(first_line=2, rows=0, body=b"book_id,title\n")]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    file = tmp_path / "books.csv"
    file.write_bytes("\ufeffbook_id,title\n".encode())

    assert read_feed(file) == "book_id,title\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("book_id,title\n1,Caf\xe9\n".encode("latin-1"), r"is not UTF-8 \(byte 19\)"),
        ("book_id,title\n".encode("utf-16"), "is not UTF-8"),
        (b" \n", "is empty"),
    ],
)
def test_another_encoding_is_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "books.csv"
    file.write_bytes(content)

    with pytest.raises(CommandError, match=sentence):
        read_feed(file)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        read_feed(tmp_path / "none.csv")
