"""What any store of orders must do."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from bookstore.kit.errors import FieldError, IdempotencyKeyReusedError
from bookstore.kit.ids import uuid7
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact
from bookstore.order.application.ports import (
    KeyTakenError,
    OrderStore,
    Page,
    Purchase,
    PurchaseKey,
    Search,
    Sort,
)
from bookstore.order.domain.address import ShippingAddress
from bookstore.order.domain.basket import BookId
from bookstore.order.domain.ending import Ending
from bookstore.order.domain.order import Order, OrderId, OrderNotFoundError, Status
from services.order.tests.builders import (
    ADA,
    BOB,
    CLEAN_CODE,
    NOW,
    REFACTORING,
    a_line,
    a_purchase,
    an_order,
    an_order_that_is,
)

HOME = ShippingAddress(name="Ada", line1="12 St James's Square", city="London", country="GB")
SECOND = timedelta(seconds=1)


def same(one: Order, other: Order) -> bool:
    return dataclasses.asdict(one) == dataclasses.asdict(other)


async def added(transact: Transact[OrderStore], **changes: Any) -> Order:
    order = an_order(**changes)
    await transact(lambda store: store.orders.add(order))
    return order


async def keep(transact: Transact[OrderStore], order: Order) -> None:
    await transact(lambda store: store.orders.add(order))


async def buy(transact: Transact[OrderStore], purchase: Purchase) -> None:
    await transact(lambda store: store.purchases.add(purchase))


async def searched(transact: Transact[OrderStore], search: Search) -> Page:
    return await transact(lambda store: store.orders.search(search))


async def found(transact: Transact[OrderStore], **asked: Any) -> list[OrderId]:
    page = await searched(transact, Search(**asked))
    return [order.id for order in page.orders]


async def test_an_order_is_kept_as_it_was_added(transact: Transact[OrderStore]) -> None:
    lines = (a_line(), a_line(REFACTORING, 1, index=4))
    order = await added(transact, lines=lines, shipping_address=HOME)

    assert order.serial == 1
    assert same(await transact(lambda store: store.orders.get(order.id)), order)


async def test_a_missing_order_is_an_error(transact: Transact[OrderStore]) -> None:
    with pytest.raises(OrderNotFoundError):
        await transact(lambda store: store.orders.get(OrderId(uuid7())))
    with pytest.raises(OrderNotFoundError):
        await transact(lambda store: store.orders.hold(OrderId(uuid7())))


async def test_what_became_of_an_order_is_kept(transact: Transact[OrderStore]) -> None:
    order = await added(transact)

    def place(store: OrderStore) -> Order:
        held = store.orders.hold(order.id)
        held.place(NOW + SECOND)
        held.request_cancellation("cancelled-by-customer", NOW + SECOND)
        store.orders.save(held)
        return held

    placed = await transact(place)

    kept = await transact(lambda store: store.orders.get(order.id))
    assert same(kept, placed)
    assert (kept.number, kept.cancel_requested) == ("2026-000001", True)


async def test_an_order_to_which_nothing_happened_may_be_kept_again(
    transact: Transact[OrderStore],
) -> None:
    order = await added(transact)

    def keep(store: OrderStore) -> None:
        store.orders.save(store.orders.hold(order.id))

    await transact(keep)

    assert same(await transact(lambda store: store.orders.get(order.id)), order)


async def test_orders_are_counted(transact: Transact[OrderStore]) -> None:
    serials = [(await added(transact)).serial for _ in range(3)]

    assert serials == [1, 2, 3]


async def test_the_newest_order_comes_first(transact: Transact[OrderStore]) -> None:
    first = await added(transact)
    second = await added(transact, created_at=NOW + SECOND)

    assert await found(transact) == [second.id, first.id]
    assert await found(transact, ascending=True) == [first.id, second.id]


async def test_the_id_decides_between_equals(transact: Transact[OrderStore]) -> None:
    ids = [(await added(transact)).id for _ in range(3)]

    assert await found(transact) == sorted(ids, reverse=True)
    assert await found(transact, sort=Sort.TOTAL_PRICE, ascending=True) == sorted(ids)


async def test_orders_are_sorted_by_their_total(transact: Transact[OrderStore]) -> None:
    dear = await added(transact, lines=(a_line(quantity=9),))
    cheap = await added(transact, lines=(a_line(quantity=1),))

    assert await found(transact, sort=Sort.TOTAL_PRICE) == [dear.id, cheap.id]


async def test_orders_are_found_by_user_and_status(transact: Transact[OrderStore]) -> None:
    adas = await added(transact)
    bobs = an_order_that_is(Status.CONFIRMED, user_id=BOB)
    await transact(lambda store: store.orders.add(bobs))

    assert await found(transact, user_id=ADA) == [adas.id]
    assert await found(transact, statuses=frozenset({Status.CONFIRMED})) == [bobs.id]
    assert await found(transact, user_id=ADA, statuses=frozenset({Status.CONFIRMED})) == []


async def test_an_order_on_the_boundary_is_in_exactly_one_report(
    transact: Transact[OrderStore],
) -> None:
    one, two, three = [await added(transact, created_at=NOW + n * SECOND) for n in (1, 2, 3)]
    t1, t2, t3 = one.created_at, two.created_at, three.created_at

    assert await found(transact, since=t1, until=t2) == [one.id]
    assert await found(transact, since=t2, until=t3) == [two.id]


async def test_a_page_says_how_many_there_are_and_whether_more_follow(
    transact: Transact[OrderStore],
) -> None:
    for _ in range(3):
        await added(transact)

    def page(**asked: Any) -> Any:
        return transact(lambda store: store.orders.search(Search(**asked)))

    first, last, beyond = await page(limit=2), await page(limit=2, offset=2), await page(offset=9)
    assert [(p.total, len(p.orders), p.more) for p in (first, last, beyond)] == [
        (3, 2, True),
        (3, 1, False),
        (3, 0, False),
    ]


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("sort", Sort)
async def test_a_walk_shows_each_order_once_whatever_comes_in_meanwhile(
    transact: Transact[OrderStore], sort: Sort, *, ascending: bool
) -> None:
    there = {(await added(transact, created_at=NOW + (n % 3) * SECOND)).id for n in range(7)}
    seen: list[OrderId] = []
    search = Search(sort=sort, ascending=ascending, limit=2)
    more = True
    while more:
        page = await searched(transact, search)
        more = page.more
        seen += [order.id for order in page.orders]
        last = page.orders[-1]
        key = last.created_at if sort is Sort.CREATED_AT else last.total.amount
        search = dataclasses.replace(search, after=(key, last.id))
        if len(seen) < 9:
            await added(transact, created_at=NOW + len(seen) * SECOND)

    assert there <= set(seen)
    assert len(seen) == len(set(seen))


async def test_open_orders_are_counted(transact: Transact[OrderStore]) -> None:
    statuses = (Status.PENDING, Status.CANCELLING, Status.COMPLETED, Status.CANCELLED)
    for serial, status in enumerate(statuses):
        await keep(transact, an_order_that_is(status, serial=serial))

    assert await transact(lambda store: store.orders.count_open(ADA)) == 2
    assert await transact(lambda store: store.orders.count_open(BOB)) == 0


async def test_books_that_were_ever_ordered_are_known(transact: Transact[OrderStore]) -> None:
    await added(transact)
    await added(transact)

    asked = [CLEAN_CODE, BookId(99)]
    assert await transact(lambda store: store.orders.ever_ordered(asked)) == [CLEAN_CODE]


async def test_a_purchase_is_found_by_its_key(transact: Transact[OrderStore]) -> None:
    purchase = a_purchase(await added(transact))
    await transact(lambda store: store.purchases.add(purchase))

    assert await transact(lambda store: store.purchases.find(purchase.key)) == purchase
    bobs = PurchaseKey(BOB, purchase.key.key)
    assert await transact(lambda store: store.purchases.find(bobs)) is None
    upper = PurchaseKey(ADA, purchase.key.key.upper())
    assert await transact(lambda store: store.purchases.find(upper)) is None


async def test_a_key_is_taken_once(transact: Transact[OrderStore]) -> None:
    purchase = a_purchase(await added(transact))
    await transact(lambda store: store.purchases.add(purchase))
    again = a_purchase(await added(transact))

    with pytest.raises(KeyTakenError):
        await transact(lambda store: store.purchases.add(again))


async def test_the_first_ending_stays(transact: Transact[OrderStore]) -> None:
    order = an_order_that_is(Status.CONFIRMED, shipping_address=HOME, serial=1)
    purchase = a_purchase(order)
    await transact(lambda store: store.purchases.add(purchase))
    field = FieldError(pointer="/order_items/0", code="out-of-stock", message="…", available=3)
    ending = Ending(order=order, code="out-of-stock", fields=(field,))

    await transact(lambda store: store.purchases.end(order.id, ending))
    await transact(lambda store: store.purchases.end(order.id, Ending(order=order)))

    kept = await transact(lambda store: store.purchases.find(purchase.key))
    assert kept is not None
    assert kept.ending is not None
    assert (kept.ending.code, kept.ending.fields) == ("out-of-stock", (field,))
    assert same(kept.ending.order, order)
    assert kept.ending.order.total == Money(7998, "USD")


async def test_old_keys_are_forgotten(transact: Transact[OrderStore]) -> None:
    old, new = an_order(), an_order(user_id=BOB, created_at=NOW + SECOND)
    for order in (old, new):
        await buy(transact, a_purchase(order, created_at=order.created_at))

    assert await transact(lambda store: store.purchases.forget(NOW + SECOND)) == 1
    assert await transact(lambda store: store.purchases.find(PurchaseKey(ADA, "key-1"))) is None
    assert await transact(lambda store: store.purchases.find(PurchaseKey(BOB, "key-1")))


async def test_an_optional_key_has_one_effect_and_one_request(
    transact: Transact[OrderStore],
) -> None:
    effects: list[str] = []

    def effect() -> str:
        effects.append("done")
        return f"answer {len(effects)}"

    def once(key: str | None, request: str = "cancel 1") -> Any:
        return transact(
            lambda store: store.keys.once(
                owner=str(ADA),
                operation="cancel_order",
                key=key,
                request=request,
                now=NOW,
                effect=effect,
            )
        )

    assert [await once("k"), await once("k")] == ["answer 1", "answer 1"]
    assert [await once(None), await once(None)] == ["answer 2", "answer 3"]
    with pytest.raises(IdempotencyKeyReusedError):
        await once("k", request="cancel 2")
