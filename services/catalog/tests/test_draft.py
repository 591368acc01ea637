"""What may be said of a book, an author and a publisher."""

import pytest

from bookstore.catalog.domain.author import AuthorDraft, AuthorId
from bookstore.catalog.domain.book import HIGHEST_PRICE, PriceInvalidError
from bookstore.catalog.domain.publisher import PublisherDraft
from bookstore.catalog.domain.text import TextInvalidError
from bookstore.kit.money import Money
from services.catalog.tests.builders import a_draft


def test_text_is_composed_and_trimmed() -> None:
    assert a_draft(title="  Cafe\u0301 ").title == "Caf\u00e9"
    assert AuthorDraft(" Emma ").name == "Emma"
    assert PublisherDraft("Ace", " New York ").address == "New York"


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "a\x00b", "a\nb", "x" * 501])
def test_a_title_that_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(TextInvalidError) as refused:
        a_draft(title=text)

    assert refused.value.fields[0].pointer == "/title"


def test_a_description_may_have_lines() -> None:
    assert a_draft(description="One\n\tTwo").description == "One\n\tTwo"
    with pytest.raises(TextInvalidError):
        a_draft(description="a\x00b")


def test_a_title_that_folds_to_more_than_an_index_holds_is_refused() -> None:
    a_draft(title="\ufdfa" * 42)  # one character that folds to eighteen
    with pytest.raises(TextInvalidError):
        a_draft(title="\ufdfa" * 43)


@pytest.mark.parametrize("amount", [-1, HIGHEST_PRICE + 1])
def test_a_price_has_its_bounds(amount: int) -> None:
    a_draft(price=Money(HIGHEST_PRICE, "USD"))
    with pytest.raises(PriceInvalidError):
        a_draft(price=Money(amount, "USD"))


def test_an_author_is_credited_once() -> None:
    ids = (AuthorId(2), AuthorId(1), AuthorId(2))

    assert a_draft(author_ids=ids).author_ids == (2, 1)
