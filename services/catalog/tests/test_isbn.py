"""ISBNs, as the API takes them and as feeds write them."""

import pytest
from hypothesis import given
from hypothesis.strategies import from_regex, integers

from bookstore.catalog.domain.isbn import IsbnInvalidError, isbn13, read_isbn


@pytest.mark.parametrize(
    ("written", "isbn"),
    [
        ("9780132350884", "9780132350884"),
        ("978-0-13-235088-4", "9780132350884"),
        ("074341926X", "9780743419260"),
        ("80-7203-717-x", "9788072037179"),
        ("439554934", "9780439554930"),
        ('="0439023483"', "9780439023481"),
        ("0439023483", "9780439023481"),
        ("7442912", "9780007442911"),
        ("9794330019", "9789794330012"),
        ("9791023500257", "9791023500257"),
        (" 0 439 02348 3 ", "9780439023481"),
    ],
)
def test_a_feeds_isbn_is_read_whole(written: str, isbn: str) -> None:
    assert read_isbn(written) == isbn


@pytest.mark.parametrize("written", ["", "  ", '=""', "-"])
def test_nothing_is_no_isbn(written: str) -> None:
    assert read_isbn(written) is None


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("0439023484", "check digit"),
        ("9780132350885", "check digit"),
        ("9.78E+12", "spreadsheet"),
        ("9.78043902348e+12", "spreadsheet"),
        ("439023483.0", "spreadsheet"),
        ("9,78E+12", "spreadsheet"),
        ("9790041811529", "979-0"),
        ("9770132350884", "978"),
        ("97801323508", "978"),
        ("043902348X3", "978"),
        ("٠٤٣٩٠٢٣٤٨٣", "978"),
        ("0", "978"),
        ("unknown", "978"),
    ],
)
def test_what_is_no_isbn_is_refused_with_its_reason(written: str, reason: str) -> None:
    with pytest.raises(IsbnInvalidError, match=reason):
        read_isbn(written)


@given(from_regex(r"97(8[0-9]|9[1-9])[0-9]{8}", fullmatch=True), integers(0, 8))
def test_one_check_digit_of_ten_is_right(stem: str, guess: int) -> None:
    rest = sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(stem))
    right = -rest % 10
    wrong = guess if guess < right else guess + 1

    assert isbn13(f"{stem}{right}").startswith(stem)
    with pytest.raises(IsbnInvalidError):
        isbn13(f"{stem}{wrong}")


@given(from_regex(r"[0-9]{9}", fullmatch=True))
def test_of_eleven_check_characters_an_isbn_10_has_one(stem: str) -> None:
    accepted = []
    for check in "0123456789X":
        try:
            accepted.append(read_isbn(stem + check))
        except IsbnInvalidError:
            continue

    assert len(accepted) == 1
    assert str(accepted[0]).startswith(f"978{stem}")
