"""How any store finds books, in memory and in SQLite."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bookstore.catalog.application.ports import Store
from bookstore.catalog.application.search import BookSearch, BookSort, Page
from bookstore.catalog.domain.author import (
    AuthorId,
)
from bookstore.catalog.domain.book import (
    Book,
    BookId,
)
from bookstore.catalog.domain.category import CategoryId
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from services.catalog.tests.builders import (
    NOW,
    REFACTORING,
    a_draft,
    three_books,
)


@pytest.mark.parametrize(
    ("search", "ids"),
    [
        (BookSearch(), [3, 2, 1]),
        (BookSearch(descending=False), [1, 2, 3]),
        (BookSearch(limit=1, offset=1), [2]),
        (BookSearch(offset=5), []),
        (BookSearch(title="code"), [1]),
        (BookSearch(title="refactoring"), [2]),
        (BookSearch(title="istanbul"), [3]),
        (BookSearch(title="%"), [2]),
        (BookSearch(title="_"), [2]),
        (BookSearch(title="\\"), [2]),
        (BookSearch(title="'"), []),
        (BookSearch(publisher="éduc"), [1]),
        (BookSearch(publisher="educ"), []),
        (BookSearch(author_ids=(AuthorId(2),)), [2]),
        (BookSearch(author_ids=(AuthorId(1), AuthorId(2))), [2, 1]),
        (BookSearch(category_id=CategoryId(21)), [1]),
        (BookSearch(isbn=str(REFACTORING)), [2]),
        (BookSearch(ids=(BookId(3), BookId(1), BookId(7))), [3, 1]),
        (BookSearch(currency="USD"), [2, 1]),
        (BookSearch(currency="USD", price_from=3999, price_to=4998), [1]),
        (BookSearch(currency="USD", price_from=4000), [2]),
        (BookSearch(sort=BookSort.PRICE), [3, 2, 1]),
        (BookSearch(sort=BookSort.TITLE, descending=False), [1, 3, 2]),
        (BookSearch(sort=BookSort.UPDATED_AT, author_ids=(AuthorId(1),), title="c"), [2, 1]),
    ],
)
async def test_a_search_finds_what_matches_in_order(
    transact: Transact[Store], search: BookSearch, ids: list[int]
) -> None:
    await transact(three_books)

    page = await transact(lambda store: store.books.search(search))

    assert [book.id for book in page.items] == ids
    if search.limit == 10 and not search.offset:
        assert page.total == len(ids)
        assert page.after is None
    else:
        assert page.total == 3


@pytest.mark.parametrize("sort", BookSort)
@pytest.mark.parametrize("descending", [True, False])
async def test_a_walk_from_page_to_page_meets_each_book_once(
    transact: Transact[Store], sort: BookSort, *, descending: bool
) -> None:
    def find(store: Store, search: BookSearch) -> Page[Book]:
        return store.books.search(search)

    def add(store: Store, number: int) -> None:
        draft = a_draft(title=f"Book {number % 3}", isbn=None, price=Money(number % 2, "USD"))
        store.books.add(draft, NOW + timedelta(seconds=number // 4))

    for number in range(11):
        await transact(partial(add, number=number))
    search = BookSearch(sort=sort, descending=descending, limit=3)
    met: list[int] = []
    late = 100
    while True:
        page = await transact(partial(find, search=search))
        met += [book.id for book in page.items]
        if page.after is None:
            break
        search = replace(search, after=page.after)
        await transact(partial(add, number=late))
        late += 1

    assert len(met) == len(set(met))
    assert set(range(1, 12)) <= set(met)
