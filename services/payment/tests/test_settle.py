"""What was given back outside counts: nothing pays it a second time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress

import pytest

from bookstore.contracts.proto.payment.v1 import payment_pb2 as pb
from bookstore.contracts.proto.payment.v1.payment_pb2_grpc import PaymentServiceStub
from bookstore.kit.errors import ConflictError, NotFoundError, UnavailableError
from bookstore.kit.rpc import Loopback
from bookstore.kit.transaction import ResultT, Transact
from bookstore.payment.application.pay_back import PayBack, RefundUnderWayError
from bookstore.payment.application.ports import Store
from bookstore.payment.application.refund_payment import PayRefund, RefundPayment
from bookstore.payment.application.settle_outside import SettleOutside
from bookstore.payment.domain.payment import IllegalMoveError, Payment, PaymentId, Status
from bookstore.payment.domain.refund import RefundExceedsCaptureError
from bookstore.saga.task import Reject
from services.payment.tests.builders import (
    ORDER,
    STAFF,
    a_capture_task,
    a_refund_task,
    an_authorise_task,
    usd,
)
from services.payment.tests.world import World


@pytest.fixture
def world(transact: Transact[Store]) -> World:
    return World(transact)


async def paid(world: World, token: str = "tok_visa") -> None:  # noqa: S107 — a card token
    await world.do("payment.authorise", an_authorise_task(token))
    await world.do("payment.capture", a_capture_task())


async def settle(world: World) -> Payment:
    return await SettleOutside(world.transact, world.clock)(ORDER)


async def refund(world: World, amount: int) -> None:
    pay_back = PayBack(world.transact, world.network, world.clock)
    payment = await world.payment()
    wish = RefundPayment(
        payment_id=payment.id, amount=usd(amount), reason=None, by=STAFF.id, key=f"of {amount}"
    )
    await PayRefund(world.transact, pay_back, world.clock)(wish)


async def test_what_is_left_counts_as_given_back_once(world: World) -> None:
    await paid(world)
    await refund(world, 1000)

    for _ in range(2):
        settled = await settle(world)
        assert (settled.status, settled.settled, settled.refunded) == (
            Status.REFUNDED,
            usd(2999),
            usd(1000),
        )
    assert (await world.payment()).reason == "settled-outside"
    assert sum(world.network.refunds.values()) == 1000


async def test_a_bank_that_comes_to_its_senses_pays_nothing_twice(world: World) -> None:
    await paid(world, "tok_refund_declined")
    with pytest.raises(Reject, match="declined"):
        await world.do("payment.refund", a_refund_task())
    await settle(world)
    for held in world.network.held.values():
        held.token = "tok_visa"

    with pytest.raises(RefundExceedsCaptureError, match="was settled outside"):
        await refund(world, 1)
    await world.do("payment.refund", a_refund_task(again=1))  # staff retried instead of settling

    assert world.network.refunds == {}
    payment = await world.payment()
    assert (payment.status, payment.settled, payment.refunded) == (
        Status.REFUNDED,
        usd(3999),
        usd(0),
    )


async def test_a_refund_that_may_still_succeed_is_waited_for(world: World) -> None:
    await paid(world)
    world.network.lose = ["refund"]
    await refund(world, 1000)

    with pytest.raises(RefundUnderWayError):
        await settle(world)
    assert (await world.payment()).settled == usd(0)


async def test_no_refund_begins_while_the_payment_is_being_settled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paid(world)
    world.network.lose = ["refund"]  # it would stay open, and be paid by the sweeper
    loop = asyncio.get_running_loop()
    rivals: list[Future[None]] = []

    async def transact(work: Callable[[Store], ResultT]) -> ResultT:
        return await world.transact(lambda store: work(interrupted(store)))

    def interrupted(store: Store) -> Store:
        under_way = store.refunds.is_under_way

        def looked(payment_id: PaymentId) -> bool:
            found = under_way(payment_id)
            if not rivals:
                rivals.append(asyncio.run_coroutine_threadsafe(refund(world, 1000), loop))
            wait(rivals, timeout=0.2)  # as far as it gets before the settlement is kept
            return found

        monkeypatch.setattr(store.refunds, "is_under_way", looked)
        return store

    settled = await SettleOutside(transact, world.clock)(ORDER)
    with suppress(RefundExceedsCaptureError):
        await asyncio.wrap_future(rivals[0])

    assert settled.settled == usd(3999)
    assert "refund" not in world.network.calls
    assert not await world.transact(lambda store: store.refunds.is_under_way(settled.id))


async def test_only_money_that_was_taken_is_settled(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task())

    with pytest.raises(IllegalMoveError):
        await settle(world)


async def test_nothing_is_settled_of_a_free_order(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task(amount=0))
    await world.do("payment.capture", a_capture_task())

    settled = await settle(world)
    assert (settled.status, settled.settled, settled.reason) == (Status.REFUNDED, usd(0), None)


async def test_what_is_settled_is_kept(transact: Transact[Store]) -> None:
    world = World(transact)
    await paid(world)
    await settle(world)

    kept = await world.payment()
    assert (kept.settled, kept.refundable) == (usd(3999), usd(0))


async def test_ordering_settles_over_grpc(world: World) -> None:
    loopback = Loopback()
    for register in world.service().rpc:
        register(loopback.server)
    payments = PaymentServiceStub(loopback.channel)
    asked = pb.SettleOutsideRequest(order_id=str(ORDER))

    with pytest.raises(NotFoundError):
        await payments.SettleOutside(asked)
    await world.do("payment.authorise", an_authorise_task())
    with pytest.raises(ConflictError):
        await payments.SettleOutside(asked)
    await world.do("payment.capture", a_capture_task())
    world.network.lose = ["refund"]
    await refund(world, 1000)
    with pytest.raises(UnavailableError):
        await payments.SettleOutside(asked)
    await refund(world, 1000)

    settled = (await payments.SettleOutside(asked)).payment
    assert (settled.settled_amount.amount, settled.reason) == (2999, "settled-outside")
