from hypothesis import given
from hypothesis import strategies as st

from bookstore.inventory.domain.allocation import Line, allocate
from bookstore.inventory.domain.stock import BookId
from services.inventory.tests.builders import HOBBIT, NOON, SILMARILLION, a_stock, an_order


def lines(*wanted: tuple[int, int]) -> list[Line]:
    return [Line(book_id=BookId(book), quantity=copies) for book, copies in wanted]


def test_a_line_is_filled_from_several_warehouses_in_their_order() -> None:
    stocks = [a_stock(2, place=1), a_stock(0, place=2), a_stock(9, 4, place=3)]

    allocation = allocate(an_order(), lines((HOBBIT, 5)), stocks, NOON)

    assert [(c.after.warehouse_id, c.reserved) for c in allocation.changes] == [(1, 2), (3, 3)]
    assert {c.cause.order_id for c in allocation.changes} == {an_order()}


def test_rows_are_taken_in_the_order_of_the_books_whatever_the_order_of_the_lines() -> None:
    stocks = [a_stock(book=HOBBIT), a_stock(book=SILMARILLION)]

    allocation = allocate(an_order(), lines((SILMARILLION, 1), (HOBBIT, 1)), stocks, NOON)

    assert [change.after.book_id for change in allocation.changes] == [HOBBIT, SILMARILLION]


def test_every_line_that_is_short_is_named_with_what_is_there() -> None:
    stocks = [a_stock(3, 1, book=HOBBIT)]

    allocation = allocate(an_order(), lines((9, 1), (HOBBIT, 3), (HOBBIT, 1)), stocks, NOON)

    short = [(s.index, s.book_id, s.asked, s.available) for s in allocation.shortages]
    assert short == [(0, 9, 1, 0), (1, HOBBIT, 3, 2)]


def test_two_lines_of_one_book_do_not_get_the_same_copies() -> None:
    allocation = allocate(an_order(), lines((HOBBIT, 3), (HOBBIT, 3)), [a_stock(5)], NOON)

    assert [(s.index, s.asked, s.available) for s in allocation.shortages] == [(1, 3, 2)]


@given(
    wanted=st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=4),
    shelves=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=9, max_size=9),
)
def test_all_that_is_asked_is_reserved_or_something_is_short(
    wanted: list[tuple[int, int]], shelves: list[tuple[int, int]]
) -> None:
    stocks = [
        a_stock(quantity, min(quantity, reserved), book=1 + n // 3, place=1 + n % 3)
        for n, (quantity, reserved) in enumerate(shelves)
    ]

    allocation = allocate(an_order(), lines(*wanted), stocks, NOON)

    for book in {book for book, _ in wanted}:
        asked = sum(copies for of, copies in wanted if of == book)
        there = sum(stock.available for stock in stocks if stock.book_id == book)
        given_ = sum(c.reserved for c in allocation.changes if c.after.book_id == book)
        short = any(shortage.book_id == book for shortage in allocation.shortages)
        assert short == (asked > there)
        assert given_ <= there
        assert short or given_ == asked
