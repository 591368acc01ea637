"""Refunds by staff, side by side with each other and with a cancellation."""

import asyncio
import threading
import time
from datetime import timedelta
from uuid import UUID

import pytest
from tests.harness.databases import SERVER

from bookstore.kit.errors import BookstoreError, ConflictError, IdempotencyKeyReusedError
from bookstore.kit.money import Money
from bookstore.kit.transaction import Transact, at_once
from bookstore.payment.application.find_payments import PaymentNotFoundError, RefundNotFoundError
from bookstore.payment.application.pay_back import PayBack, RefundUnderWayError
from bookstore.payment.application.ports import Store
from bookstore.payment.application.refund_payment import (
    PayRefund,
    RefundDeclinedError,
    RefundPayment,
)
from bookstore.payment.application.sweep import Swept
from bookstore.payment.domain.payment import Payment, PaymentId, Status
from bookstore.payment.domain.refund import (
    PaymentNotCapturedError,
    Refund,
    RefundCurrencyError,
    RefundExceedsCaptureError,
    RefundStatus,
)
from services.payment.tests.builders import (
    STAFF,
    a_capture_task,
    a_refund_task,
    an_authorise_task,
    usd,
)
from services.payment.tests.memory import MemoryStore
from services.payment.tests.sweeping import sweep_of
from services.payment.tests.world import World


@pytest.fixture
def world(transact: Transact[Store]) -> World:
    return World(transact)


async def paid(world: World, token: str = "tok_visa") -> Payment:  # noqa: S107 — a card token
    await world.do("payment.authorise", an_authorise_task(token))
    await world.do("payment.capture", a_capture_task())
    return await world.payment()


async def refund(
    world: World, payment: Payment, amount: Money, *, key: str = "k", reason: str | None = None
) -> Refund:
    pay_back = PayBack(world.transact, world.network, world.clock)
    wish = RefundPayment(payment_id=payment.id, amount=amount, reason=reason, by=STAFF.id, key=key)
    return await PayRefund(world.transact, pay_back, world.clock)(wish)


async def test_parts_are_paid_back_until_nothing_is_left(world: World) -> None:
    payment = await paid(world)
    first = await refund(world, payment, usd(1000), key="a", reason="a torn cover")
    partly = await world.payment()
    assert (first.status, first.reason) == (RefundStatus.REFUNDED, "a torn cover")
    assert (partly.status, partly.refunded) == (Status.CAPTURED, usd(1000))

    await refund(world, payment, usd(2999), key="b")
    assert (await world.payment()).status is Status.REFUNDED
    assert world.network.taken == 0


async def test_a_repeated_key_pays_back_once_and_another_body_is_refused(world: World) -> None:
    payment = await paid(world)
    first = await refund(world, payment, usd(1000))
    again = await refund(world, payment, usd(1000))
    assert (first.id, list(world.network.refunds.values())) == (again.id, [1000])
    with pytest.raises(IdempotencyKeyReusedError):
        await refund(world, payment, usd(1001))


async def test_one_key_clicked_five_times_at_once_pays_back_once(world: World) -> None:
    payment = await paid(world)
    refunds = await asyncio.gather(*(refund(world, payment, usd(1000)) for _ in range(5)))
    assert len({one.id for one in refunds}) == 1
    assert {one.status for one in refunds} == {RefundStatus.REFUNDED}
    assert (await world.payment()).refunded == usd(1000)
    assert world.network.taken == 2999


async def test_refunds_at_once_never_pay_back_more_than_was_taken(world: World) -> None:
    payment = await paid(world)
    outcomes = await asyncio.gather(
        *(refund(world, payment, usd(1500), key=f"k{n}") for n in range(6)),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {type(outcome) for outcome in refused} == {RefundExceedsCaptureError}
    assert (len(refused), world.network.taken) == (4, 999)
    assert (await world.payment()).refunded == usd(3000)


async def test_a_refund_waits_for_a_settlement_that_has_looked_for_refunds(world: World) -> None:
    payment = await paid(world)
    looked = threading.Event()

    def settle_slowly(store: Store) -> None:
        known = store.payments.of_order(payment.order_id)
        assert known is not None
        assert not store.refunds.is_under_way(known.id)
        looked.set()
        time.sleep(0.4 if SERVER else 0)  # where units run side by side, the refund comes now
        known.settle_outside(world.clock.now())
        store.payments.save(known)

    settling = asyncio.ensure_future(world.transact(settle_slowly))
    await asyncio.sleep(0)
    await asyncio.to_thread(looked.wait, 5)
    with pytest.raises(ConflictError):
        await refund(world, payment, usd(1000))
    await settling
    assert (await world.payment()).settled == payment.captured
    assert world.network.taken == payment.captured.amount


async def test_a_refund_beside_a_cancellation_pays_back_no_more_than_was_taken(
    world: World,
) -> None:
    payment = await paid(world)
    refunded, cancelled = await asyncio.gather(
        refund(world, payment, usd(1500)),
        world.do("payment.refund", a_refund_task()),
        return_exceptions=True,
    )
    if isinstance(cancelled, RefundUnderWayError):
        await world.do("payment.refund", a_refund_task())
    assert isinstance(refunded, Refund | ConflictError)
    assert (await world.payment()).status is Status.REFUNDED
    assert sum(world.network.refunds.values()) == 3999


@pytest.mark.parametrize(
    ("amount", "error"),
    [(usd(4000), RefundExceedsCaptureError), (Money(1, "EUR"), RefundCurrencyError)],
)
async def test_what_cannot_be_paid_back_is_refused_and_begins_nothing(
    world: World, amount: Money, error: type[BookstoreError]
) -> None:
    payment = await paid(world)
    with pytest.raises(error):
        await refund(world, payment, amount)
    assert world.network.refunds == {}
    await refund(world, payment, usd(3999), key="another")


async def test_only_captured_payments_are_refunded(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task())
    payment = await world.payment()
    with pytest.raises(PaymentNotCapturedError):
        await refund(world, payment, usd(1))
    payment.id = PaymentId(UUID(int=7))
    with pytest.raises(PaymentNotFoundError):
        await refund(world, payment, usd(1))


async def test_a_declined_refund_stays_declined_and_leaves_the_money_refundable(
    world: World,
) -> None:
    payment = await paid(world, "tok_refund_declined")
    for _ in range(2):
        with pytest.raises(RefundDeclinedError):
            await refund(world, payment, usd(1000))
    assert world.network.calls.count("refund") == 1
    assert (await world.payment()).refundable == usd(3999)


async def test_an_unanswered_refund_stays_open_and_the_same_key_finishes_it(world: World) -> None:
    payment = await paid(world)
    world.network.lose = ["refund"]
    open_ = await refund(world, payment, usd(1000))
    assert open_.is_open
    done = await refund(world, payment, usd(1000))
    assert (done.id, done.status) == (open_.id, RefundStatus.REFUNDED)
    assert list(world.network.refunds.values()) == [1000]


async def test_a_refund_that_is_gone_is_no_refund() -> None:
    store = MemoryStore()
    transact: Transact[Store] = at_once(store)
    world = World(transact)
    payment = await paid(world)
    world.network.lose = ["refund"]
    open_ = await refund(world, payment, usd(1000))
    store.refunds.rows.clear()

    with pytest.raises(RefundNotFoundError):
        await refund(world, payment, usd(1000))
    with pytest.raises(LookupError):
        await PayBack(transact, world.network, world.clock)(open_, payment.network_key)


async def test_an_unanswered_refund_is_finished_by_the_sweeper(world: World) -> None:
    payment = await paid(world)
    world.network.lose = ["refund"]
    await refund(world, payment, usd(1000))
    sweep = sweep_of(world)
    assert await sweep() == Swept()

    world.clock.advance(timedelta(seconds=31))
    assert await sweep() == Swept(refunds=1)
    assert await sweep() == Swept()
    assert (await world.payment()).refunded == usd(1000)
    assert list(world.network.refunds.values()) == [1000]


async def test_the_sweeper_leaves_what_the_network_does_not_answer(world: World) -> None:
    payment = await paid(world)
    world.network.lose = ["refund", "refund"]
    await refund(world, payment, usd(1000))
    world.clock.advance(timedelta(seconds=31))
    assert await sweep_of(world)() == Swept(left=1)
    assert await sweep_of(world)() == Swept(refunds=1)
