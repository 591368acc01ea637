"""Feeds are cut where rows end, and every row keeps its line number."""

from pathlib import Path

import pytest

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
