"""Placing an order, and everybody who asks with the same key."""

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest

from bookstore.kit.clock import FakeClock
from bookstore.kit.errors import IdempotencyKeyReusedError, UnavailableError
from bookstore.kit.money import Money
from bookstore.kit.transaction import at_once
from bookstore.order.application.forget_keys import ForgetKeys
from bookstore.order.application.place_order import (
    KEPT_FOR,
    AccountClosedError,
    Placement,
    PlaceOrder,
    RequestInProgressError,
)
from bookstore.order.application.ports import KeyTakenError, Purchase, PurchaseKey
from bookstore.order.application.quote_order import QuoteOrder
from bookstore.order.application.waiting import WaitingRoom
from bookstore.order.domain.basket import BookId, Offer, PriceChangedError, UnknownBookError, Wish
from bookstore.order.domain.ending import Ending
from bookstore.order.domain.order import OrderId, Status
from bookstore.saga.ports import SagaRequest, State
from services.order.tests.builders import (
    ADA,
    BOB,
    CLEAN_CODE,
    NOW,
    a_command,
    a_purchase,
    an_order,
)
from services.order.tests.memory import (
    FixedPriceList,
    HandEngine,
    KnownAccounts,
    MemoryPurchases,
    MemoryStore,
)


class ClosedRoom(WaitingRoom):
    """A room in which every wait has just run out; `ended_at` says when that was to be."""

    ended_at = 0.0

    async def wait(self, event: Awaitable[object], until: float) -> bool:
        assert isinstance(event, Coroutine)
        event.close()
        self.ended_at = until
        return False


@dataclass
class Shop:
    """Everything around the use case, in memory; the test is the saga engine."""

    store: MemoryStore = field(default_factory=MemoryStore)
    prices: FixedPriceList = field(default_factory=FixedPriceList)
    accounts: KnownAccounts = field(default_factory=KnownAccounts)
    room: WaitingRoom = field(default_factory=WaitingRoom)

    def __post_init__(self) -> None:
        self.engine = HandEngine(self.store.sagas)
        transact = at_once(self.store)
        self.place = PlaceOrder(
            transact,
            transact,
            self.prices,
            self.accounts,
            self.engine,
            self.room,
            FakeClock(NOW),
        )

    async def woken(self) -> OrderId:
        """Wait until an order was accepted."""
        await self.engine.called.wait()
        return OrderId(UUID(self.engine.woken[0]))

    def confirm(self, order_id: OrderId) -> None:
        order = self.store.orders.get(order_id)
        for step in (order.place, order.mark_paid, order.confirm):
            step(NOW)
        self.store.orders.save(order)
        self.store.purchases.end(order_id, Ending(order=order))
        self.engine.end(str(order_id))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def clicking(shop: Shop, times: int = 1, **changes: Any) -> "list[asyncio.Task[Placement]]":
    command = a_command(**changes)
    return [asyncio.create_task(shop.place(command)) for _ in range(times)]


async def test_an_order_is_kept_with_todays_prices_and_asks_for_its_saga(shop: Shop) -> None:
    placement = await shop.place(a_command(patience=0))

    order = placement.order
    assert (order.status, order.total, order.number) == (Status.PENDING, Money(7998, "USD"), None)
    assert shop.engine.woken == [str(order.id)]
    assert shop.store.sagas.inputs[str(order.id)] == {
        "order_id": str(order.id),
        "user_id": str(ADA),
        "amount": 7998,
        "currency": "USD",
        "token": "tok_visa",
        "lines": [{"book_id": 1, "quantity": 2}],
    }


async def test_whoever_waits_is_told_the_ending(shop: Shop) -> None:
    (click,) = clicking(shop)
    shop.confirm(await shop.woken())

    placement = await click

    assert placement.order.status is Status.CONFIRMED
    assert placement.purchase.ending is not None


async def test_the_ending_stays_whatever_becomes_of_the_order(shop: Shop) -> None:
    (click,) = clicking(shop)
    order_id = await shop.woken()
    shop.confirm(order_id)
    first = await click
    order = shop.store.orders.get(order_id)
    order.ship(NOW)
    shop.store.orders.save(order)

    again = await shop.place(a_command())

    assert again.order.status is Status.CONFIRMED
    assert again.purchase == first.purchase


async def test_twenty_twins_at_once_are_one_order(shop: Shop) -> None:
    shop.prices.gate.clear()
    clicks = clicking(shop, times=20)
    await asyncio.sleep(0)
    shop.prices.gate.set()
    shop.confirm(await shop.woken())

    placements = await asyncio.gather(*clicks)

    assert shop.prices.asked == 1
    assert len({placement.order.id for placement in placements}) == 1
    assert all(placement.purchase.ending for placement in placements)


async def test_twins_share_a_refusal_which_is_not_kept(shop: Shop) -> None:
    del shop.prices.offered[CLEAN_CODE]
    shop.prices.gate.clear()
    clicks = clicking(shop, times=3)
    await asyncio.sleep(0)
    shop.prices.gate.set()

    refusals = await asyncio.gather(*clicks, return_exceptions=True)

    assert {type(refusal) for refusal in refusals} == {UnknownBookError}
    assert shop.prices.asked == 1
    shop.prices.offered[CLEAN_CODE] = Offer("Clean Code", Money(3999, "USD"))
    assert (await shop.place(a_command(patience=0))).order.status is Status.PENDING


async def test_a_twin_whose_wait_runs_out_before_the_first_is_accepted_is_told_so(
    shop: Shop,
) -> None:
    shop.prices.gate.clear()
    (first,) = clicking(shop)
    await asyncio.sleep(0)
    room, now = ClosedRoom(), asyncio.get_running_loop().time()

    with pytest.raises(RequestInProgressError) as failure:
        await replace(shop.place, room=room)(a_command(patience=0))

    assert failure.value.retry_after == 1
    assert room.ended_at >= now + shop.place.commits_within
    shop.prices.gate.set()
    shop.confirm(await shop.woken())
    assert (await first).order.status is Status.CONFIRMED


async def test_a_twin_takes_over_if_the_first_is_gone(shop: Shop) -> None:
    shop.prices.gate.clear()
    first, twin = clicking(shop, times=2)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    shop.prices.gate.set()
    shop.confirm(await shop.woken())

    assert (await twin).order.status is Status.CONFIRMED
    assert first.cancelled()


async def test_a_key_is_for_one_request(shop: Shop) -> None:
    await shop.place(a_command(patience=0))

    with pytest.raises(IdempotencyKeyReusedError):
        await shop.place(a_command(fingerprint="another", patience=0))


async def test_a_twin_with_another_body_is_refused_at_once(shop: Shop) -> None:
    shop.prices.gate.clear()
    (first,) = clicking(shop, patience=0)
    await asyncio.sleep(0)

    with pytest.raises(IdempotencyKeyReusedError):
        await shop.place(a_command(fingerprint="another"))

    shop.prices.gate.set()
    await first


async def test_a_key_belongs_to_its_user(shop: Shop) -> None:
    adas = await shop.place(a_command(patience=0))
    bobs = await shop.place(a_command(key=PurchaseKey(BOB, "key-1"), patience=0))

    assert adas.order.id != bobs.order.id


async def test_a_repeat_is_not_priced_again(shop: Shop) -> None:
    await shop.place(a_command(patience=0, expected_total=Money(7998, "USD")))
    shop.prices.offered[CLEAN_CODE] = Offer("Clean Code", Money(1, "USD"))

    again = await shop.place(a_command(patience=0, expected_total=Money(7998, "USD")))

    assert again.order.total == Money(7998, "USD")


async def test_a_changed_price_orders_nothing(shop: Shop) -> None:
    with pytest.raises(PriceChangedError):
        await shop.place(a_command(expected_total=Money(1, "USD")))

    assert shop.store.sagas.views == {}


async def test_in_another_process_the_record_decides(shop: Shop) -> None:
    """The key is taken between our look-up and our insert."""
    order = an_order()
    theirs = a_purchase(order)
    shop.prices.gate.clear()
    (click,) = clicking(shop, patience=0)
    await asyncio.sleep(0)
    shop.store.orders.add(order)
    shop.store.purchases.add(theirs)
    shop.prices.gate.set()

    assert (await click).order.id == order.id


async def test_a_draining_server_keeps_nobody(shop: Shop) -> None:
    clicks = clicking(shop, times=3)
    await shop.woken()
    await asyncio.sleep(0)
    shop.room.drain()

    placements = await asyncio.wait_for(asyncio.gather(*clicks), 1)

    assert all(placement.purchase.ending is None for placement in placements)
    later = await asyncio.wait_for(shop.place(a_command(key=PurchaseKey(ADA, "key-2"))), 1)
    assert later.order.status is Status.PENDING


async def test_whose_wait_runs_out_is_told_how_far_it_has_come(shop: Shop) -> None:
    shop.place = replace(shop.place, room=ClosedRoom())

    placement = await shop.place(a_command(patience=60))

    assert placement.order.status is Status.PENDING
    assert placement.purchase.ending is None


async def test_a_stuck_purchase_is_not_waited_for(shop: Shop) -> None:
    (click,) = clicking(shop, patience=60)
    order_id = await shop.woken()
    shop.engine.end(str(order_id), State.STUCK)

    assert (await asyncio.wait_for(click, 1)).purchase.ending is None


async def test_an_abandoned_purchase_ends_with_its_cancellation(shop: Shop) -> None:
    (click,) = clicking(shop, patience=60)
    order_id = await shop.woken()
    subject = str(order_id)
    shop.store.sagas.request(
        SagaRequest(name="cancel_order", saga_id="cancellation", subject=subject, input={})
    )
    shop.engine.end(subject, State.COMPENSATED)
    await asyncio.sleep(0.01)
    order = shop.store.orders.get(order_id)
    order.cancel("order-cancelled", NOW)
    shop.store.purchases.end(order_id, Ending(order=order, code="order-cancelled"))
    shop.engine.end("cancellation")

    placement = await asyncio.wait_for(click, 1)

    assert placement.purchase.ending is not None
    assert placement.purchase.ending.code == "order-cancelled"


async def test_a_neighbour_that_is_away_refuses_nothing_for_good(shop: Shop) -> None:
    class Away(FixedPriceList):
        async def offers(self, book_ids: Any) -> Any:  # noqa: ARG002 — it does not listen
            raise UnavailableError("the catalog is away")

    away = replace(shop.place, price_list=Away())
    with pytest.raises(UnavailableError):
        await away(a_command())

    assert (await shop.place(a_command(patience=0))).order.status is Status.PENDING


async def test_a_key_that_vanishes_is_a_defect() -> None:
    shop = Shop()

    class Forgetful(MemoryPurchases):
        def add(self, purchase: Purchase) -> None:
            raise KeyTakenError(f"{purchase.key} is taken")

    transact = at_once(MemoryStore(purchases=Forgetful()))
    place = replace(shop.place, transact=transact, read=transact)

    with pytest.raises(LookupError):
        await place(a_command())


async def test_whose_account_was_closed_buys_no_more(shop: Shop) -> None:
    shop.accounts.closed.add(ADA)

    with pytest.raises(AccountClosedError):
        await shop.place(a_command(patience=0))

    assert not shop.engine.woken
    assert not shop.store.orders.count_open(ADA)
    bobs = await shop.place(a_command(key=PurchaseKey(BOB, "key-1"), patience=0))
    assert bobs.order.status is Status.PENDING


async def test_a_repeat_is_told_its_ending_though_the_account_was_closed_since(
    shop: Shop,
) -> None:
    (click,) = clicking(shop)
    shop.confirm(await shop.woken())
    first = await click
    shop.accounts.closed.add(ADA)

    again = await shop.place(a_command())

    assert again.purchase == first.purchase
    assert again.order.status is Status.CONFIRMED


async def test_while_nobody_can_be_asked_about_accounts_the_token_is_believed(shop: Shop) -> None:
    shop.accounts.away = True

    placement = await shop.place(a_command(patience=0))

    assert placement.order.status is Status.PENDING


async def test_accounts_are_asked_while_the_prices_are_awaited(shop: Shop) -> None:
    shop.prices.gate.clear()
    (click,) = clicking(shop, patience=0)

    async with asyncio.timeout(1):
        await shop.accounts.asked.wait()
    assert not click.done()

    shop.prices.gate.set()
    await click


async def test_keys_are_kept_for_seven_days(shop: Shop) -> None:
    clock = FakeClock(NOW)
    forget = ForgetKeys(at_once(shop.store), clock)
    await shop.place(a_command(patience=0))
    clock.advance(KEPT_FOR)
    assert await forget() == 0

    clock.advance(KEPT_FOR)
    hourly = asyncio.create_task(forget.every_hour())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    hourly.cancel()

    assert shop.store.purchases.find(PurchaseKey(ADA, "key-1")) is None


async def test_a_quote_says_what_an_order_would_cost() -> None:
    quote = await QuoteOrder(FixedPriceList())([Wish(BookId(1), 2), Wish(BookId(2), 1)])

    assert quote.total == Money(2 * 3999 + 4599, "USD")
