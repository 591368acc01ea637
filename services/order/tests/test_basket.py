"""What somebody wants to buy, and what it costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore.kit.money import MixedCurrenciesError, Money
from bookstore.order.domain.basket import (
    MOST_COPIES,
    BookId,
    Offer,
    PriceChangedError,
    QuantityOutOfRangeError,
    UnknownBookError,
    Wish,
    cost,
    merge,
    price,
)
from services.order.tests.builders import CLEAN_CODE, HANGUL, OFFERS, REFACTORING, a_line


def test_lines_of_one_book_are_merged_where_the_first_stands() -> None:
    assert merge([(1, 2), (2, 1), (1, 3)]) == (
        Wish(CLEAN_CODE, 5, index=0),
        Wish(REFACTORING, 1, index=1),
    )


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 100)), min_size=1, max_size=9))
def test_merging_loses_no_copy(wishes: list[tuple[int, int]]) -> None:
    merged = merge(wishes)

    assert sum(wish.quantity for wish in merged) == sum(quantity for _, quantity in wishes)
    assert [wish.book_id for wish in merged] == list(dict.fromkeys(book for book, _ in wishes))


def test_no_book_at_all_is_no_order() -> None:
    with pytest.raises(QuantityOutOfRangeError):
        merge([])


def test_a_hundred_lines_are_an_order_and_one_more_is_not() -> None:
    assert len(merge([(book_id, 1) for book_id in range(1, 101)])) == 100

    with pytest.raises(QuantityOutOfRangeError):
        merge([(book_id, 1) for book_id in range(1, 102)])


def test_copies_are_counted_after_merging() -> None:
    assert merge([(1, 500), (1, 499)])[0].quantity == MOST_COPIES

    with pytest.raises(QuantityOutOfRangeError) as failure:
        merge([(2, 1), (1, 500), (1, 500)])

    assert failure.value.fields[0].pointer == "/order_items/1/quantity"


def test_every_line_gets_its_title_and_price() -> None:
    assert price(merge([(1, 2)]), OFFERS) == (a_line(),)


def test_every_unknown_book_is_pointed_at() -> None:
    with pytest.raises(UnknownBookError) as failure:
        price(merge([(1, 1), (77, 1), (78, 1)]), OFFERS)

    pointers = [field.pointer for field in failure.value.fields]
    assert pointers == ["/order_items/1/book_id", "/order_items/2/book_id"]


def test_prices_of_several_currencies_make_no_order() -> None:
    with pytest.raises(MixedCurrenciesError) as failure:
        price(merge([(1, 1), (HANGUL, 1)]), OFFERS)

    assert failure.value.code == "mixed-currencies"
    assert failure.value.fields[0].pointer == "/order_items/1"


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 999)), min_size=1, max_size=20))
def test_the_total_is_the_sum_of_the_lines(priced: list[tuple[int, int]]) -> None:
    offers = {BookId(n): Offer("T", Money(amount, "USD")) for n, (amount, _) in enumerate(priced)}
    lines = price([Wish(BookId(n), quantity) for n, (_, quantity) in enumerate(priced)], offers)

    assert cost(lines) == Money(sum(amount * quantity for amount, quantity in priced), "USD")


def test_an_expected_total_is_fine_while_it_is_right() -> None:
    assert cost((a_line(),), expected=Money(7998, "USD")) == Money(7998, "USD")


@pytest.mark.parametrize("expected", [Money(7997, "USD"), Money(7998, "EUR")])
def test_another_total_than_expected_says_what_it_is_now(expected: Money) -> None:
    with pytest.raises(PriceChangedError) as failure:
        cost((a_line(),), expected=expected)

    assert failure.value.total == Money(7998, "USD")
