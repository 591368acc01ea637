"""What any store does with authors, publishers, categories and feeds."""

from functools import partial

import pytest

from bookstore.catalog.application.ports import Store
from bookstore.catalog.application.search import NameSearch, NameSort
from bookstore.catalog.domain.author import (
    AuthorDraft,
    AuthorId,
    AuthorInUseError,
    AuthorNotFoundError,
)
from bookstore.catalog.domain.book import (
    BookId,
)
from bookstore.catalog.domain.publisher import (
    PublisherDraft,
    PublisherId,
    PublisherInUseError,
    PublisherNotFoundError,
)
from bookstore.kit.transaction import Transact
from services.catalog.tests.builders import (
    LATER,
    NOW,
    a_draft,
    three_books,
)


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
