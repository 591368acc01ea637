"""What is believed, mended and refused of a feed's row."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from bookstore.catalog.domain.feed import RowRefusedError
from bookstore.catalog.domain.feed_book import FeedBook, decoded, read_book
from bookstore.kit.money import Money


def read(**columns: str) -> FeedBook:
    return read_book({"book_id": "1", "title": "Emma"} | columns, feed="shop", currency="USD")


def test_html_references_are_resolved_once() -> None:
    assert (
        decoded("Tom &amp; Jerry&#39;s &#1059;&#1073;&#1077;")
        == "Tom & Jerry's \u0423\u0431\u0435"
    )
    assert decoded("AT&T and R&D &c.") == "AT&T and R&D &c."
    assert decoded("&amp;amp; &eacute; &nosuch; &copy 2001") == "&amp; é &nosuch; &copy 2001"


def test_line_breaks_become_blanks() -> None:
    book = read(title=" War\r\nand&#10;Peace ", description="One\n\nTwo")

    assert (book.title, book.description) == ("War and Peace", "One Two")


def test_names_and_titles_are_singly_spaced_and_one_author_stays_one() -> None:
    book = read(title="War  and   Peace", authors="Terri  Clark, Terri Clark")

    assert (book.title, book.authors) == ("War and Peace", ("Terri Clark",))


@pytest.mark.parametrize("column", ["book_id", "title", "authors", "publisher", "description"])
def test_a_card_number_is_kept_nowhere(column: str) -> None:
    number = "4242424242424242" if column == "book_id" else "call 4242 4242 4242 4242"
    with pytest.raises(RowRefusedError) as refused:
        read(**{column: number})

    assert refused.value.code == "card-number"


@pytest.mark.parametrize("title", ["", "  ", "\u200b"])
def test_the_title_falls_back_to_the_original_title(title: str) -> None:
    assert read(title=title, original_title="Эмма").title == "Эмма"


def test_authors_are_split_at_commas_and_each_is_named_once() -> None:
    authors = read(authors="J.K. Rowling, , Mary GrandPré,J.K. ROWLING,\u200b").authors

    assert authors == ("J.K. Rowling", "Mary GrandPré")


def test_a_book_has_up_to_a_hundred_authors() -> None:
    assert len(read(authors=",".join(f"Author {n}" for n in range(100))).authors) == 100
    with pytest.raises(RowRefusedError, match="100"):
        read(authors=",".join(f"Author {n}" for n in range(101)))


def test_a_float_in_isbn13_is_passed_over_with_a_note() -> None:
    book = read(isbn="", isbn13="9.78043902348e+12")

    assert book.isbn is None
    assert [code for code, _ in book.notes] == ["isbn13-float"]


def test_a_float_in_isbn13_does_not_matter_beside_an_isbn() -> None:
    book = read(isbn="439023483", isbn13="9.78043902348e+12")

    assert (book.isbn, book.notes) == ("9780439023481", ())


def test_an_isbn13_that_says_the_same_is_no_news() -> None:
    book = read(isbn="439023483", isbn13="978-0-439-02348-1")

    assert (book.isbn, book.notes) == ("9780439023481", ())


@pytest.mark.parametrize("other", ["9780132350884", "9780132350885"])
def test_an_isbn13_that_contradicts_isbn_is_passed_over_with_a_note(other: str) -> None:
    book = read(isbn="439023483", isbn13=other)

    assert book.isbn == "9780439023481"
    assert [code for code, _ in book.notes] == ["isbn13-differs"]


def test_an_isbn13_stands_in_for_an_empty_isbn() -> None:
    assert read(isbn13="9791023500257").isbn == "9791023500257"
    with pytest.raises(RowRefusedError):
        read(isbn13="9791023500258")


@pytest.mark.parametrize(
    ("columns", "price"),
    [
        ({"price": "12.99"}, Money(1299, "USD")),
        ({"price": "12.9"}, Money(1290, "USD")),
        ({"price": "0"}, Money(0, "USD")),
        ({"price": "15000", "currency": "KRW"}, Money(15000, "KRW")),
        ({"price": "1.250", "currency": "KWD"}, Money(1250, "KWD")),
    ],
)
def test_a_price_is_in_major_units(columns: dict[str, str], price: Money) -> None:
    assert read(**columns).price == price


def test_a_price_that_is_made_up_is_always_the_same() -> None:
    assert read().price == read(title="Other").price
    assert 799 <= read().price.amount < 3800
    assert read(currency="KRW").price.amount == read().price.amount * 10


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"book_id": ""}, "book-id-invalid"),
        ({"book_id": "a b"}, "book-id-invalid"),
        ({"book_id": "x" * 65}, "book-id-invalid"),
        ({"isbn": "0439023484"}, "isbn-invalid"),
        ({"isbn": "9.78E+12"}, "isbn-invalid"),
        ({"title": "", "original_title": " "}, "title-missing"),
        ({"title": "x" * 501}, "text-invalid"),
        ({"title": "a\x00b"}, "text-invalid"),
        ({"authors": "x" * 256}, "text-invalid"),
        ({"price": "12,99"}, "price-invalid"),
        ({"price": "-1"}, "price-invalid"),
        ({"price": "1e3"}, "price-invalid"),
        ({"price": "1.999"}, "price-invalid"),
        ({"price": "99999999"}, "price-invalid"),
        ({"currency": "usd"}, "price-invalid"),
    ],
)
def test_a_row_that_cannot_be_loaded_says_why(columns: dict[str, str], code: str) -> None:
    with pytest.raises(RowRefusedError) as refused:
        read(**columns)

    assert refused.value.code == code


@given(integers(-3000, 3000))
def test_a_year_is_never_a_reason_to_refuse(year: int) -> None:
    row: dict[str, Any] = {"original_publication_year": f"{year}.0"}

    assert read(**row).title == "Emma"
