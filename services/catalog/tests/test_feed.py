"""How a feed is cut into records and rows."""

import pytest
from hypothesis import given
from hypothesis.strategies import lists, text

from bookstore.catalog.domain.feed import (
    LONGEST_ROW,
    FeedHeaderError,
    Header,
    RowRefusedError,
    records,
)


def cut(file: str) -> list[tuple[int, str]]:
    return list(records(file.splitlines(keepends=True)))


def test_a_record_may_have_several_lines() -> None:
    assert cut('id,title\n1,"Two\nlines"\n2,One\n') == [
        (0, "id,title\n"),
        (1, '1,"Two\nlines"\n'),
        (3, "2,One\n"),
    ]


def test_a_stray_quote_costs_one_row_and_not_the_file() -> None:
    file = '1,"stray\n' + "".join(f"{n},fine\n" for n in range(2, 300))

    found = cut(file)

    assert len(found) == 299
    assert found[0] == (0, '1,"stray\n')
    assert found[-1] == (298, "299,fine\n")


def test_a_stray_quote_takes_a_later_row_with_quotes_for_its_end_only_nearby() -> None:
    lines = ['1,"stray\n', *["n,fine\n"] * 150, '2,"quoted"\n']

    assert [record for _, record in records(lines)] == lines


@given(lists(text(alphabet='ab,"', max_size=6).map(lambda line: line + "\n"), max_size=30))
def test_cutting_loses_nothing(lines: list[str]) -> None:
    found = list(records(lines))

    assert "".join(record for _, record in found) == "".join(lines)
    assert [offset for offset, _ in found] == [
        sum(record.count("\n") for _, record in found[:n]) for n in range(len(found))
    ]


def test_columns_are_found_by_name() -> None:
    header = Header.read("title, book_id ,isbn\r\n")

    assert header.row('"Say ""hi""",7,\r\n') == {"title": 'Say "hi"', "book_id": "7", "isbn": ""}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "book_id;title\n",
        "book_id\ttitle\n",
        "title,isbn\n",
        "book_id,isbn\n",
        "book_id,title,title\n",
        'book_id,"title\n',
    ],
)
def test_a_header_without_our_columns_is_refused(line: str) -> None:
    with pytest.raises(FeedHeaderError):
        Header.read(line)


def test_a_broken_record_is_named_as_far_as_it_can_be_made_out() -> None:
    header = Header.read("title,book_id\n")

    assert header.book_id('"stray,7\n') == "7"
    assert header.book_id("one,7,too many\n") == "7"
    assert header.book_id("too few\n") is None


def test_a_record_of_more_than_a_hundred_lines_is_broken() -> None:
    lines = ['1,"begins\n', *["goes on\n"] * 98, 'ends"\n']
    longer = ['1,"begins\n', *["goes on\n"] * 99, 'ends"\n']

    assert len(list(records(lines))) == 1
    assert len(list(records(longer))) == 101


@pytest.mark.parametrize("record", ["1\n", "1,2,3\n", '1,"a"b\n', '1,"open\n', "1,a\rb\n"])
def test_a_row_that_does_not_fit_is_refused(record: str) -> None:
    with pytest.raises(RowRefusedError):
        Header.read("book_id,title\n").row(record)


def test_a_row_that_is_too_long_is_refused() -> None:
    header = Header.read("book_id,title\n")
    longest = "1," + "x" * (LONGEST_ROW - 2)

    assert header.row(longest)
    with pytest.raises(RowRefusedError) as refused:
        header.row(longest + "x")

    assert refused.value.code == "row-too-long"
