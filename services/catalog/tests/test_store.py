"""What any store of the catalog must do, in memory and in SQLite."""

from typing import Any

import pytest

from bookstore.catalog.application.ports import Store
from bookstore.catalog.application.search import BookSearch
from bookstore.catalog.domain.author import (
    AuthorDraft,
    AuthorId,
)
from bookstore.catalog.domain.book import (
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
)
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from services.catalog.tests.builders import (
    CLEAN_CODE,
    LATER,
    LATEST,
    NOW,
    REFACTORING,
    a_draft,
)


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
