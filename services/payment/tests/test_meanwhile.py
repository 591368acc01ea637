"""What others make of a payment while a step of its saga asks the network, or is dead."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from bookstore.kit.clock import FakeClock
from bookstore.kit.transaction import Transact
from bookstore.payment.application.capture_payment import CapturePayment
from bookstore.payment.application.find_payments import PaymentNotFoundError
from bookstore.payment.application.ports import Approved, Store
from bookstore.payment.domain.payment import Payment, Status
from bookstore.saga.task import Reject
from services.payment.tests.builders import NOW, ORDER, a_capture_task, an_authorise_task, usd
from services.payment.tests.networks import FakeCardNetwork
from services.payment.tests.world import DiedError, World

Change = Callable[[Payment, datetime], object]


@pytest.fixture
def world(store: Transact[Store]) -> World:
    return World(store)


async def change(world: World, *changes: Change) -> None:
    def apply(store: Store) -> None:
        payment = store.payments.of_order(ORDER)
        assert payment is not None
        for one in changes:
            one(payment, world.clock.now())
        store.payments.save(payment)

    await world.transact(apply)


def meanwhile(world: World, operation: str, one: Change) -> None:
    """Have others change the payment while this is asked of the network."""
    ask: Callable[..., Awaitable[Any]] = getattr(world.network, operation)

    async def asked(*arguments: object) -> object:
        reply = await ask(*arguments)
        await change(world, one)
        return reply

    setattr(world.network, operation, asked)


async def refused(world: World, token: str = "tok_visa") -> str:  # noqa: S107 — a card token
    with pytest.raises(Reject) as rejection:
        await world.do("payment.authorise", an_authorise_task(token))
    return rejection.value.code


async def test_an_answer_after_the_payment_was_voided_by_others_is_taken_back(
    world: World,
) -> None:
    meanwhile(world, "authorise", Payment.void)

    assert await refused(world) == "undone"
    assert not world.network.holding


async def test_what_others_let_go_as_well_is_let_go_once(world: World) -> None:
    meanwhile(world, "authorise", lambda payment, now: payment.decline("hearsay", now))
    meanwhile(world, "void", Payment.let_go)

    assert await refused(world) == "card-declined"
    assert not world.network.holding
    assert (await world.payment()).version == 3  # started, declined, let go


async def test_a_decline_of_what_others_let_go_changes_nothing(world: World) -> None:
    meanwhile(world, "authorise", Payment.let_go)

    assert await refused(world, "tok_declined") == "card-declined"
    payment = await world.payment()
    assert (payment.status, payment.version) == (Status.VOIDED, 2)  # started, let go


async def test_a_capture_that_died_and_was_paid_back_by_staff_is_done(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task())
    world.deadly = "before commit 2"
    with pytest.raises(DiedError):
        await world.do("payment.capture", a_capture_task())
    await change(world, Payment.took, lambda payment, now: payment.pay_back(usd(3999), now))
    world.network.calls.clear()

    assert await world.do("payment.capture", a_capture_task()) == {}
    assert (await world.payment()).status is Status.REFUNDED
    assert world.network.calls == []


async def test_a_payment_that_vanishes_is_a_defect(store: Transact[Store]) -> None:
    capture = CapturePayment(FakeCardNetwork(), FakeClock(NOW))

    with pytest.raises(PaymentNotFoundError):
        await store(lambda rows: capture.finish(rows, ORDER, Approved()))
