"""What can be done with customers, on neighbours and a store in memory."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bookstore.customer.application.admission import Admission
from bookstore.customer.application.close_account import CloseAccount
from bookstore.customer.application.keep_customers import KeepCustomers
from bookstore.customer.application.keep_points import KeepPoints
from bookstore.customer.application.keep_wishlists import KeepWishlists
from bookstore.customer.application.look_at_purchases import LookAtPurchases
from bookstore.customer.application.ports import (
    CustomerSearch,
    OrderSearch,
    PaymentSearch,
    Slice,
)
from bookstore.customer.domain.customer import CustomerNotFoundError, OpenOrdersError
from bookstore.customer.domain.purchase import OrderStatus
from bookstore.customer.domain.wishlist import (
    MOST,
    BookId,
    UnknownBookError,
    WishlistFullError,
    wished,
)
from bookstore.kit.clock import FakeClock
from bookstore.kit.errors import (
    ConflictError,
    NotFoundError,
    UnavailableError,
    VersionMismatchError,
    VersionRequiredError,
)
from bookstore.kit.precondition import ANY_VERSION, Precondition
from bookstore.kit.transaction import at_once
from services.customer.tests.builders import (
    ADA,
    ADAS,
    BOB,
    BOBS,
    EVE,
    NOON,
    STAFF,
    STAFFS,
    a_customer,
    a_payment,
    an_order,
    some_details,
)
from services.customer.tests.memory import (
    FixedBooks,
    MemoryAccounts,
    MemoryOrders,
    MemoryPayments,
    MemoryStore,
)


@dataclass
class World:
    """Ada and Bob have accounts, books 1 to 3 are on sale; Eve is nobody."""

    accounts: MemoryAccounts = field(
        default_factory=lambda: MemoryAccounts(a_customer(ADA), a_customer(BOB, "bob@example.org"))
    )
    orders: MemoryOrders = field(default_factory=MemoryOrders)
    payments: MemoryPayments = field(default_factory=MemoryPayments)
    books: FixedBooks = field(default_factory=lambda: FixedBooks(1, 2, 3))
    store: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        admission, transact, clock = Admission(self.accounts), at_once(self.store), FakeClock(NOON)
        self.customers = KeepCustomers(self.accounts)
        self.close = CloseAccount(self.accounts, self.orders, transact)
        self.wishlists = KeepWishlists(admission, transact, transact, self.books, clock)
        self.points = KeepPoints(admission, transact, transact, clock)
        self.purchases = LookAtPurchases(self.orders, self.payments)


@pytest.fixture
def world() -> World:
    return World()


def books(*book_ids: int) -> list[BookId]:
    return [BookId(book_id) for book_id in book_ids]


@pytest.mark.parametrize(
    "what",
    [
        lambda w: w.customers.find(BOBS, ADA),
        lambda w: w.customers.change(BOBS, ADA, some_details(), ANY_VERSION),
        lambda w: w.close(BOBS, ADA),
        lambda w: w.wishlists.get(BOBS, ADA),
        lambda w: w.wishlists.add(BOBS, ADA, books(1)),
        lambda w: w.wishlists.replace(BOBS, ADA, books(1)),
        lambda w: w.wishlists.remove(BOBS, ADA, books(1)),
        lambda w: w.points.get(BOBS, ADA),
        lambda w: w.points.replace(BOBS, ADA, 9, None),
        lambda w: w.points.entries(BOBS, ADA, Slice()),
        lambda w: w.purchases.orders(BOBS, ADA, OrderSearch(), Slice()),
        lambda w: w.purchases.order(BOBS, ADA, an_order().id),
        lambda w: w.purchases.payments(BOBS, ADA, PaymentSearch(), Slice()),
        lambda w: w.purchases.payment(BOBS, ADA, a_payment().id),
    ],
)
async def test_what_is_not_yours_does_not_exist_for_you(world: World, what: Any) -> None:
    world.orders.orders, world.payments.payments = [an_order()], [a_payment()]

    with pytest.raises(CustomerNotFoundError):
        await what(world)


@pytest.mark.parametrize(
    "what",
    [
        lambda w: w.customers.find(STAFFS, EVE),
        lambda w: w.wishlists.get(STAFFS, EVE),
        lambda w: w.wishlists.add(STAFFS, EVE, books(1)),
        lambda w: w.points.get(STAFFS, EVE),
        lambda w: w.points.replace(STAFFS, EVE, 9, None),
        lambda w: w.close(STAFFS, EVE),
    ],
)
async def test_staff_cannot_keep_data_of_nobody(world: World, what: Any) -> None:
    with pytest.raises(CustomerNotFoundError):
        await what(world)


async def test_customers_are_listed_and_looked_at(world: World) -> None:
    page = await world.customers.search(CustomerSearch(email="bob@example.org"), Slice())

    assert [customer.id for customer in page.items] == [BOB]
    assert await world.customers.find(ADAS, ADA) == a_customer(ADA)
    assert await world.customers.find(STAFFS, ADA) == a_customer(ADA)


async def test_details_are_replaced_by_who_has_seen_them(world: World) -> None:
    seen = Precondition(versions=frozenset({"1"}), given=True)

    changed = await world.customers.change(ADAS, ADA, some_details("ada@new.org"), seen)

    assert (changed.details.email, changed.version) == ("ada@new.org", 2)
    with pytest.raises(VersionMismatchError):
        await world.customers.change(ADAS, ADA, some_details(), seen)
    with pytest.raises(VersionRequiredError):
        await world.customers.change(ADAS, ADA, some_details(), Precondition())
    with pytest.raises(ConflictError) as taken:
        await world.customers.change(ADAS, ADA, some_details("bob@example.org"), ANY_VERSION)
    assert taken.value.code == "email-taken"


async def test_wishes_are_added_once_in_their_order(world: World) -> None:
    assert await world.wishlists.add(ADAS, ADA, books(2, 1, 2)) == [2, 1]
    assert await world.wishlists.add(ADAS, ADA, books(1, 3)) == [2, 1, 3]
    await world.wishlists.remove(ADAS, ADA, books(1, 99))

    assert await world.wishlists.get(ADAS, ADA) == [2, 3]
    assert await world.wishlists.get(STAFFS, ADA) == [2, 3]
    assert await world.wishlists.replace(ADAS, ADA, books(3, 1, 3)) == [3, 1]
    assert await world.wishlists.get(ADAS, ADA) == [3, 1]
    assert await world.wishlists.replace(ADAS, ADA, []) == []


async def test_an_unknown_book_is_pointed_at_and_nothing_is_added(world: World) -> None:
    for write in (world.wishlists.add, world.wishlists.replace):
        with pytest.raises(UnknownBookError) as unknown:
            await write(ADAS, ADA, books(1, 8, 9))
        assert [field.pointer for field in unknown.value.fields] == ["/book_ids/1", "/book_ids/2"]
    assert await world.wishlists.get(ADAS, ADA) == []


async def test_a_retired_book_is_neither_shown_nor_taken(world: World) -> None:
    await world.wishlists.add(ADAS, ADA, books(1, 2))
    world.books.on_sale = set(books(2, 3))

    assert await world.wishlists.get(ADAS, ADA) == [2]
    assert await world.wishlists.add(ADAS, ADA, books(3)) == [2, 3]
    for write in (world.wishlists.add, world.wishlists.replace):
        with pytest.raises(UnknownBookError) as unknown:
            await write(ADAS, ADA, books(2, 1))
        assert [field.pointer for field in unknown.value.fields] == ["/book_ids/1"]

    world.books.on_sale.add(BookId(1))
    assert await world.wishlists.get(ADAS, ADA) == [1, 2, 3]


def test_a_list_has_an_end() -> None:
    assert len(wished(books(*range(1, MOST + 1)), books(1))) == MOST
    with pytest.raises(WishlistFullError):
        wished(books(*range(1, MOST + 1)), books(MOST + 1))


async def test_points_are_set_not_added_and_the_ledger_remembers(world: World) -> None:
    await world.points.replace(STAFFS, ADA, 200, "a gift")
    account = await world.points.replace(STAFFS, ADA, 50, None)

    assert (account.balance, account.updated_at) == (50, NOON)
    assert await world.points.get(ADAS, ADA) == account
    entries = (await world.points.entries(ADAS, ADA, Slice())).items
    assert [(e.change.difference, e.change.balance, e.change.by) for e in entries] == [
        (-150, 50, STAFF),
        (200, 200, STAFF),
    ]


async def test_an_account_is_closed_and_its_purchases_stay(world: World) -> None:
    world.orders.orders = [an_order(1), an_order(2, status=OrderStatus.CANCELLED)]
    await world.wishlists.add(ADAS, ADA, books(1))
    await world.points.replace(STAFFS, ADA, 10, None)

    await world.close(ADAS, ADA)

    assert world.store.wishlists.get(ADA) == []
    assert world.store.points.get(ADA).balance == 0
    assert (await world.purchases.orders(STAFFS, ADA, OrderSearch(), Slice())).total == 2
    with pytest.raises(CustomerNotFoundError):
        await world.wishlists.add(ADAS, ADA, books(1))  # the token lives a little longer


async def test_an_account_with_an_open_order_stays(world: World) -> None:
    world.orders.orders = [an_order(status=OrderStatus.SHIPPING)]
    await world.wishlists.add(ADAS, ADA, books(1))

    with pytest.raises(OpenOrdersError):
        await world.close(ADAS, ADA)

    assert await world.customers.find(ADAS, ADA) == a_customer(ADA)
    assert await world.wishlists.get(ADAS, ADA) == [1]


async def test_a_closing_that_was_cut_short_is_finished_when_asked_again(world: World) -> None:
    await world.wishlists.add(ADAS, ADA, books(1))
    await world.accounts.close(ADA)

    with pytest.raises(CustomerNotFoundError):
        await world.close(ADAS, ADA)

    assert world.store.wishlists.get(ADA) == []


async def test_purchases_are_the_customers_own(world: World) -> None:
    world.orders.orders = [an_order(1, ADA), an_order(2, BOB)]
    world.payments.payments = [a_payment(1, ADA), a_payment(2, BOB)]

    orders = await world.purchases.orders(ADAS, ADA, OrderSearch(), Slice())
    payments = await world.purchases.payments(ADAS, ADA, PaymentSearch(), Slice())

    assert orders.items == [an_order(1, ADA)]
    assert payments.items == [a_payment(1, ADA)]
    assert await world.purchases.order(STAFFS, BOB, an_order(2).id) == an_order(2, BOB)
    assert await world.purchases.payment(STAFFS, BOB, a_payment(2).id) == a_payment(2, BOB)
    with pytest.raises(NotFoundError):
        await world.purchases.order(ADAS, ADA, an_order(2).id)
    with pytest.raises(NotFoundError):
        await world.purchases.payment(ADAS, ADA, a_payment(2).id)


async def test_an_owner_sees_wishes_and_points_while_identity_is_away(world: World) -> None:
    await world.wishlists.add(ADAS, ADA, books(1))
    world.accounts.away = True

    assert await world.wishlists.get(ADAS, ADA) == [1]
    assert (await world.points.get(ADAS, ADA)).balance == 0
    with pytest.raises(UnavailableError):
        await world.wishlists.add(ADAS, ADA, books(2))
    with pytest.raises(UnavailableError):
        await world.customers.find(ADAS, ADA)
