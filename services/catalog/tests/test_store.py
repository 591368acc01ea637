"""What any store of the catalog must do, in memory and in SQLite."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bookstore.catalog.application.ports import Store
from bookstore.catalog.application.search import BookSearch, BookSort, NameSearch, NameSort, Page
from bookstore.catalog.domain.author import (
    AuthorDraft,
    AuthorId,
    AuthorInUseError,
    AuthorNotFoundError,
)
from bookstore.catalog.domain.book import (
    Book,
    BookId,
    BookNotFoundError,
    Credit,
    Imprint,
    IsbnTakenError,
    PriceTag,
)
from bookstore.catalog.domain.category import Category, CategoryId
from bookstore.catalog.domain.publisher import (
    PublisherDraft,
    PublisherId,
    PublisherInUseError,
    PublisherNotFoundError,
)
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from services.catalog.tests.builders import CLEAN_CODE, REFACTORING, a_draft

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)
LATEST = NOW + timedelta(seconds=2)


async def test_a_book_is_kept_as_it_was_added(transact: Transact[Store]) -> None:
    def add(store: Store) -> BookId:
        martin, feathers = (store.authors.add(AuthorDraft(n), NOW) for n in ("Martin", "Feathers"))
        pearson = store.publishers.add(PublisherDraft("Pearson", "London"), NOW)
        draft = a_draft(
            category_id=CategoryId(21),
            publisher_id=pearson.id,
            author_ids=(feathers.id, martin.id),
        )
        return store.books.add(draft, NOW)

    book_id = await transact(add)
    book = await transact(lambda store: store.books.get(book_id))

    assert (book.title, book.isbn, book.price) == ("Clean Code", CLEAN_CODE, Money(3999, "USD"))
    assert book.category == Category(CategoryId(21), "Coding Practices")
    assert book.publisher == Imprint(PublisherId(1), "Pearson", "London")
    assert book.authors == (Credit(AuthorId(2), "Feathers"), Credit(AuthorId(1), "Martin"))
    assert (book.created_at, book.updated_at, book.version) == (NOW, NOW, 1)


async def test_a_change_counts_up_the_version(transact: Transact[Store]) -> None:
    def change(store: Store) -> BookId:
        first, second = (store.authors.add(AuthorDraft(name), NOW) for name in ("A", "B"))
        book_id = store.books.add(a_draft(author_ids=(first.id,)), NOW)
        draft = a_draft(title="Cleaner Code", author_ids=(second.id, first.id))
        store.books.replace(store.books.get(book_id), draft, LATER)
        return book_id

    book_id = await transact(change)
    book = await transact(lambda store: store.books.get(book_id))

    assert (book.title, book.version) == ("Cleaner Code", 2)
    assert (book.created_at, book.updated_at) == (NOW, LATER)
    assert [credit.name for credit in book.authors] == ["B", "A"]


async def test_of_two_changes_to_what_was_read_the_second_is_refused(
    transact: Transact[Store],
) -> None:
    def add(store: Store) -> tuple[Any, Any, Any]:
        return (
            store.books.get(store.books.add(a_draft(), NOW)),
            store.authors.add(AuthorDraft("A"), NOW),
            store.publishers.add(PublisherDraft("P"), NOW),
        )

    book, author, publisher = await transact(add)
    changes = [
        lambda store: store.books.replace(book, a_draft(), LATER),
        lambda store: store.authors.replace(author, AuthorDraft("B"), LATER),
        lambda store: store.publishers.replace(publisher, PublisherDraft("Q"), LATER),
    ]
    for change in changes:
        await transact(change)
        with pytest.raises(VersionMismatchError):
            await transact(change)


async def test_two_books_on_sale_cannot_share_an_isbn(transact: Transact[Store]) -> None:
    await transact(lambda store: store.books.add(a_draft(), NOW))
    other = await transact(lambda store: store.books.add(a_draft(isbn=REFACTORING), NOW))

    with pytest.raises(IsbnTakenError):
        await transact(lambda store: store.books.add(a_draft(), NOW))
    with pytest.raises(IsbnTakenError):
        await transact(lambda store: store.books.replace(store.books.get(other), a_draft(), NOW))


async def test_books_without_an_isbn_are_no_twins(transact: Transact[Store]) -> None:
    for _ in range(2):
        await transact(lambda store: store.books.add(a_draft(isbn=None), NOW))

    page = await transact(lambda store: store.books.search(BookSearch()))
    assert page.total == 2


async def test_a_retired_book_is_gone_but_for_its_price(transact: Transact[Store]) -> None:
    book_id = await transact(lambda store: store.books.add(a_draft(), NOW))
    await transact(lambda store: store.books.retire(book_id, LATER))

    with pytest.raises(BookNotFoundError):
        await transact(lambda store: store.books.get(book_id))
    with pytest.raises(BookNotFoundError):
        await transact(lambda store: store.books.retire(book_id, LATER))
    page = await transact(lambda store: store.books.search(BookSearch(isbn=CLEAN_CODE)))
    assert page.total == 0
    assert await transact(lambda store: store.books.on_sale([book_id])) == set()
    assert await transact(lambda store: store.books.with_isbns([CLEAN_CODE])) == {}
    assert list(await transact(lambda store: store.books.prices([book_id]))) == [
        PriceTag(book_id, "Clean Code", Money(3999, "USD"), retired=True)
    ]
    again = await transact(lambda store: store.books.add(a_draft(), LATEST))
    assert again != book_id


async def test_prices_leave_out_what_never_was(transact: Transact[Store]) -> None:
    first = await transact(lambda store: store.books.add(a_draft(), NOW))
    second = await transact(lambda store: store.books.add(a_draft(isbn=REFACTORING), NOW))

    tags = await transact(lambda store: store.books.prices([second, BookId(99), first]))

    assert [tag.book_id for tag in tags] == [first, second]


def three_books(store: Store) -> None:
    martin, fowler = (store.authors.add(AuthorDraft(name), NOW) for name in ("Martin", "Fowler"))
    pearson = store.publishers.add(PublisherDraft("Pearson Éducation"), NOW)
    clean = a_draft(category_id=CategoryId(21), author_ids=(martin.id,), publisher_id=pearson.id)
    store.books.add(clean, NOW)
    store.books.add(
        replace(
            clean,
            title="REFACTORING 100% \\_",
            isbn=REFACTORING,
            price=Money(4999, "USD"),
            author_ids=(fowler.id, martin.id),
            category_id=None,
            publisher_id=None,
        ),
        LATER,
    )
    store.books.add(a_draft(title="İstanbul", isbn=None, price=Money(15000, "KRW")), LATEST)


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


async def test_authors_are_found_by_name_and_by_book(transact: Transact[Store]) -> None:
    await transact(three_books)

    async def names(search: NameSearch) -> list[str]:
        page = await transact(lambda store: store.authors.search(search))
        assert page.total == len(page.items)
        return [author.name for author in page.items]

    assert await names(NameSearch()) == ["Fowler", "Martin"]
    assert await names(NameSearch(name="mart")) == ["Martin"]
    assert await names(NameSearch(book_id=BookId(1))) == ["Martin"]
    assert await names(NameSearch(book_id=BookId(2), sort=NameSort.NAME, descending=False)) == [
        "Fowler",
        "Martin",
    ]
    assert await names(NameSearch(book_id=BookId(9))) == []


async def test_publishers_are_found_by_name(transact: Transact[Store]) -> None:
    def add(store: Store, name: str) -> None:
        store.publishers.add(PublisherDraft(name), NOW)

    for name in ("Manning", "Packt", "O'Reilly"):
        await transact(partial(add, name=name))

    search = NameSearch(sort=NameSort.NAME, descending=False, limit=2, offset=1)
    page = await transact(lambda store: store.publishers.search(search))
    assert (page.total, [one.name for one in page.items]) == (3, ["O'Reilly", "Packt"])
    page = await transact(lambda store: store.publishers.search(NameSearch(name="'r")))
    assert [one.name for one in page.items] == ["O'Reilly"]


async def test_who_is_named_in_many_rows_is_one(transact: Transact[Store]) -> None:
    old = await transact(lambda store: store.authors.add(AuthorDraft("Ursula K. Le Guin"), NOW))
    await transact(lambda store: store.authors.add(AuthorDraft("ursula k. le guin"), NOW))

    names = ["URSULA K. LE GUIN", "Emma", "emma"]
    ids = await transact(lambda store: store.authors.ensure(names, NOW))
    publishers = [PublisherDraft("Ace", "New York"), PublisherDraft("ACE")]
    houses = await transact(lambda store: store.publishers.ensure(publishers, NOW))
    again = await transact(lambda store: store.publishers.ensure(publishers, LATER))

    assert ids == {"ursula k. le guin": old.id, "emma": AuthorId(3)}
    assert houses == again == {"ace": PublisherId(1)}
    house = await transact(lambda store: store.publishers.get(PublisherId(1)))
    assert (house.name, house.address) == ("Ace", "New York")


async def test_who_is_in_use_cannot_be_deleted(transact: Transact[Store]) -> None:
    await transact(three_books)

    with pytest.raises(AuthorInUseError):
        await transact(lambda store: store.authors.delete(AuthorId(1)))
    with pytest.raises(PublisherInUseError):
        await transact(lambda store: store.publishers.delete(PublisherId(1)))
    await transact(lambda store: store.books.retire(BookId(1), LATER))
    await transact(lambda store: store.books.retire(BookId(2), LATER))
    await transact(lambda store: store.authors.delete(AuthorId(1)))
    await transact(lambda store: store.publishers.delete(PublisherId(1)))
    assert await transact(lambda store: store.authors.known([AuthorId(1), AuthorId(2)])) == {2}
    assert not await transact(lambda store: store.publishers.exists(PublisherId(1)))


async def test_who_never_was_is_not_found(transact: Transact[Store]) -> None:
    for work in (
        lambda store: store.authors.get(AuthorId(1)),
        lambda store: store.authors.delete(AuthorId(1)),
    ):
        with pytest.raises(AuthorNotFoundError):
            await transact(work)
    for work in (
        lambda store: store.publishers.get(PublisherId(1)),
        lambda store: store.publishers.delete(PublisherId(1)),
    ):
        with pytest.raises(PublisherNotFoundError):
            await transact(work)


async def test_there_are_the_categories_of_the_reference(transact: Transact[Store]) -> None:
    found = await transact(lambda store: store.categories.all())

    assert [category.id for category in found] == list(range(1, 24))
    assert (found[0].name, found[7].name, found[22].name) == ("Art", "Fiction", "Kubernetes")


async def test_a_feeds_ids_mean_books_of_that_feed_only(transact: Transact[Store]) -> None:
    book_id = await transact(lambda store: store.books.add(a_draft(), NOW))
    await transact(lambda store: store.feeds.remember("shop", {"7": book_id}))

    assert await transact(lambda store: store.feeds.known("shop", ["7", "8"])) == {"7": book_id}
    assert await transact(lambda store: store.feeds.known("other", ["7"])) == {}
    assert await transact(lambda store: store.feeds.claimed("shop", [book_id])) == {book_id}
    assert await transact(lambda store: store.feeds.claimed("other", [book_id])) == set()


async def test_a_feed_is_complete_once_it_was_loaded(transact: Transact[Store]) -> None:
    assert not await transact(lambda store: store.feeds.is_complete("starter"))
    for _ in range(2):
        await transact(lambda store: store.feeds.complete("starter", NOW))
    assert await transact(lambda store: store.feeds.is_complete("starter"))
