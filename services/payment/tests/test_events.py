"""Events of the card network come twice, late and in any order: a payment only goes forward."""

import asyncio
import contextlib
from itertools import permutations

import pytest

from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import Transact
from bookstore.payment.application.hear_event import Effect, Event, HearEvent
from bookstore.payment.application.ports import Store
from bookstore.payment.domain.payment import MOVES, PaymentId, Status
from bookstore.saga.task import Reject
from services.payment.tests.builders import (
    NOW,
    a_capture_task,
    a_payment,
    a_refund,
    a_refund_task,
    an_authorise_task,
    usd,
)
from services.payment.tests.world import DiedError, World


@pytest.fixture
def world(transact: Transact[Store]) -> World:
    return World(transact)


async def hear(world: World, event_id: str, kind: str, *, amount: int = 3999) -> Effect:
    payment = await world.payment()
    event = Event(id=event_id, type=kind, payment_id=payment.id, amount=usd(amount))
    return await HearEvent(world.transact, world.clock)(event)


async def test_a_captured_event_three_times_at_once_has_one_effect(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task())
    effects = await asyncio.gather(*(hear(world, "evt_1", "captured") for _ in range(3)))
    assert sorted(effects) == [Effect.APPLIED, Effect.NONE, Effect.NONE]
    payment = await world.payment()
    assert (payment.status, payment.captured, payment.version) == (
        Status.CAPTURED,
        usd(3999),
        3,
    )


async def test_a_late_captured_event_does_not_revive_a_refunded_payment(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task())
    await world.do("payment.capture", a_capture_task())
    await world.do("payment.refund", a_refund_task())
    before = (await world.payment()).version

    for event_id in ("evt_1", "evt_2", "evt_1"):
        assert await hear(world, event_id, "payment.captured") is Effect.NONE
    payment = await world.payment()
    assert (payment.status, payment.refunded, payment.version) == (
        Status.REFUNDED,
        usd(3999),
        before,
    )


async def test_an_event_is_known_by_its_id_whatever_else_it_says(
    transact: Transact[Store], world: World
) -> None:
    payment = a_payment()
    await transact(lambda store: store.payments.add(payment))
    effects = [
        await HearEvent(transact, world.clock)(
            Event(id="evt_1", type=kind, payment_id=payment.id, amount=payment.amount)
        )
        for kind in ("authorised", "captured")
    ]
    assert effects == [Effect.APPLIED, Effect.NONE]


async def test_a_capture_that_an_event_told_of_is_asked_for_and_made_once(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task())
    await world.network.capture((await world.payment()).network_key)
    await hear(world, "evt_1", "captured")
    version = (await world.payment()).version
    await world.do("payment.capture", a_capture_task())
    assert (world.network.taken, (await world.payment()).version) == (3999, version)


@pytest.mark.parametrize(
    ("token", "kind", "version"), [("tok_visa", "authorised", 2), ("tok_declined", "declined", 3)]
)
async def test_an_answer_that_an_event_told_of_before_is_taken_as_it_is(
    world: World, token: str, kind: str, version: int
) -> None:
    world.deadly = "after the call"
    with pytest.raises(DiedError):
        await world.do("payment.authorise", an_authorise_task(token))
    assert await hear(world, "evt_1", kind) is Effect.APPLIED

    with contextlib.suppress(Reject):
        await world.do("payment.authorise", an_authorise_task(token))
    payment = await world.payment()
    assert (payment.status, payment.version) == (Status(kind), version)


async def test_an_event_about_another_amount_or_of_an_unknown_type_does_nothing(
    world: World,
) -> None:
    await world.do("payment.authorise", an_authorise_task())
    assert await hear(world, "evt_1", "captured", amount=1) is Effect.NONE
    assert await hear(world, "evt_2", "disputed") is Effect.NONE
    assert await hear(world, "evt_3", "refunded") is Effect.NONE
    assert (await world.payment()).status is Status.AUTHORISED


@pytest.mark.parametrize(
    ("kind", "amount", "fits"),
    [
        ("captured", 3999, True),
        ("captured", 3998, False),
        ("refunded", 1000, True),
        ("payment.refunded", 1001, False),
        ("disputed", 3999, True),
    ],
)
async def test_what_does_not_fit_our_books_is_told_to_people(
    world: World, caplog: pytest.LogCaptureFixture, kind: str, amount: int, *, fits: bool
) -> None:
    await world.do("payment.authorise", an_authorise_task())
    await world.do("payment.capture", a_capture_task())
    payment = await world.payment()
    payment.pay_back(usd(1000), NOW)
    await world.transact(lambda store: store.payments.save(payment))

    assert await hear(world, "evt_1", kind, amount=amount) is Effect.NONE

    told = [record.getMessage() for record in caplog.records]
    assert [str(payment.order_id) in line and "evt_1" in line for line in told] == [True] * (
        not fits
    )


async def test_news_of_a_refund_that_is_under_way_surprises_nobody(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.do("payment.authorise", an_authorise_task())
    await world.do("payment.capture", a_capture_task())
    refund = a_refund(await world.payment(), 1000)
    await world.transact(lambda store: store.refunds.start(refund))

    assert await hear(world, "evt_1", "refunded", amount=1000) is Effect.NONE
    assert caplog.records == []


async def test_an_event_about_a_payment_we_do_not_know_is_left_and_may_come_again(
    transact: Transact[Store], world: World
) -> None:
    payment = a_payment()
    event = Event(id="evt_1", type="authorised", payment_id=payment.id, amount=payment.amount)
    listen = HearEvent(transact, world.clock)
    assert await listen(event) is Effect.LEFT
    await transact(lambda store: store.payments.add(payment))
    assert await listen(event) is Effect.APPLIED
    stranger = Event(id="e", type="captured", payment_id=PaymentId(uuid7()), amount=usd(1))
    assert await listen(stranger) is Effect.LEFT


@pytest.mark.parametrize(
    "order", list(permutations(["authorised", "captured", "voided", "declined"])), ids="-".join
)
async def test_in_whatever_order_events_come_each_move_is_one_of_the_table(
    transact: Transact[Store], world: World, order: tuple[str, ...]
) -> None:
    payment = a_payment()
    await transact(lambda store: store.payments.add(payment))
    status = Status.STARTED
    for kind in order:
        event = Event(id=kind, type=kind, payment_id=payment.id, amount=payment.amount)
        effect = await HearEvent(transact, world.clock)(event)
        legal = Status(kind) in MOVES[status]
        assert (effect is Effect.APPLIED) == legal
        status = Status(kind) if legal else status
    found = await transact(lambda store: store.payments.get(payment.id))
    assert found is not None
    assert (found.status, found.created_at) == (status, NOW)
