"""What any store of wish lists and points must do: the fake's and SQLite's."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from tests.harness.databases import STORES, an_empty_database

from bookstore.customer.app import MIGRATIONS
from bookstore.customer.application.ports import Slice, Store
from bookstore.customer.domain.point import Account, Change
from bookstore.customer.domain.wishlist import BookId
from bookstore.customer.outbound.sql import ChangedMeanwhileError, SqlStore
from bookstore.kit.database import open_database
from bookstore.kit.transaction import Transact, at_once
from services.customer.tests.builders import ADA, BOB, NOON, STAFF
from services.customer.tests.memory import MemoryStore

LATER = NOON + timedelta(seconds=1)


@pytest.fixture(params=STORES)
def transact(request: pytest.FixtureRequest) -> Iterator[Transact[Store]]:
    if request.param == "memory":
        yield at_once(MemoryStore())
    else:
        with (
            an_empty_database(request.param) as url,
            open_database(url, MIGRATIONS) as database,
        ):
            yield database.transact(SqlStore)


def applying(change: Change) -> Callable[[Store], None]:
    return lambda store: store.points.apply(change)


def books(*book_ids: int) -> list[BookId]:
    return [BookId(book_id) for book_id in book_ids]


async def test_a_list_keeps_the_order_of_addition(transact: Transact[Store]) -> None:
    await transact(lambda store: store.wishlists.add(ADA, books(9, 7), NOON))
    await transact(lambda store: store.wishlists.add(BOB, books(7), NOON))
    await transact(lambda store: store.wishlists.add(ADA, books(8), LATER))

    assert await transact(lambda store: store.wishlists.get(ADA)) == [9, 7, 8]
    assert await transact(lambda store: store.wishlists.get(BOB)) == [7]


async def test_books_are_taken_off_one_list_only(transact: Transact[Store]) -> None:
    await transact(lambda store: store.wishlists.add(ADA, books(7, 8, 9), NOON))
    await transact(lambda store: store.wishlists.add(BOB, books(7), NOON))

    await transact(lambda store: store.wishlists.remove(ADA, books(7, 9, 99)))

    assert await transact(lambda store: store.wishlists.get(ADA)) == [8]
    assert await transact(lambda store: store.wishlists.get(BOB)) == [7]
    await transact(lambda store: store.wishlists.clear(ADA))
    assert await transact(lambda store: store.wishlists.get(ADA)) == []


async def test_a_balance_is_set_and_every_change_is_kept(transact: Transact[Store]) -> None:
    nothing = Account(customer_id=ADA)
    assert await transact(lambda store: store.points.get(ADA)) == nothing
    first = nothing.set_to(200, reason=None, by=STAFF, at=NOON)
    await transact(lambda store: store.points.apply(first))
    after = await transact(lambda store: store.points.locked(ADA))
    second = after.set_to(50, reason="a gift", by=None, at=LATER)
    await transact(lambda store: store.points.apply(second))

    account = await transact(lambda store: store.points.get(ADA))
    newest = await transact(lambda store: store.points.entries(ADA, Slice(limit=1)))
    oldest = await transact(
        lambda store: store.points.entries(ADA, Slice(descending=False, limit=5))
    )

    assert account == Account(customer_id=ADA, balance=50, updated_at=LATER)
    assert (second.difference, second.balance) == (-150, 50)
    assert (newest.total, [entry.change for entry in newest.items]) == (2, [second])
    assert [entry.change for entry in oldest.items] == [first, second]


async def test_one_customers_points_are_not_anothers(transact: Transact[Store]) -> None:
    for customer in (ADA, BOB):
        change = Account(customer_id=customer).set_to(10, reason=None, by=STAFF, at=NOON)
        await transact(applying(change))

    await transact(lambda store: store.points.clear(ADA))

    assert await transact(lambda store: store.points.get(ADA)) == Account(customer_id=ADA)
    assert (await transact(lambda store: store.points.entries(ADA, Slice()))).total == 0
    assert (await transact(lambda store: store.points.get(BOB))).balance == 10
    assert (await transact(lambda store: store.points.entries(BOB, Slice()))).total == 1


async def test_a_book_that_came_meanwhile_is_told() -> None:
    with open_database("sqlite://", MIGRATIONS) as database:
        transact = database.transact(SqlStore)
        await transact(lambda store: store.wishlists.add(ADA, books(7), NOON))

        with pytest.raises(ChangedMeanwhileError):
            await transact(lambda store: store.wishlists.add(ADA, books(8, 7), NOON))

        assert await transact(lambda store: store.wishlists.get(ADA)) == [7]
