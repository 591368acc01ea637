"""Every moment at which a step can die: asked again it is done once, undone nothing is left."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bookstore.kit.transaction import Transact
from bookstore.payment.application.pay_back import RefundUnderWayError
from bookstore.payment.application.ports import (
    Approved,
    Declined,
    NetworkUnavailableError,
    Release,
    Store,
)
from bookstore.payment.application.void_payment import AttemptUnderWayError, RefundDeclinedError
from bookstore.payment.domain.payment import Status
from bookstore.saga.task import Reject, Task
from services.payment.tests.builders import (
    ORDER,
    PATIENCE,
    a_capture_task,
    a_refund,
    a_refund_task,
    a_void_task,
    an_authorise_task,
    usd,
)
from services.payment.tests.world import MOMENTS, DiedError, World

LONG_AFTER = PATIENCE + timedelta(seconds=62)


@pytest.fixture
def world(store: Transact[Store]) -> World:
    return World(store)


async def refused(world: World, name: str, task: Task) -> str:
    with pytest.raises(Reject) as rejection:
        await world.do(name, task)
    return rejection.value.code


async def authorised(world: World, token: str = "tok_visa", amount: int = 3999) -> None:  # noqa: S107 — a card token
    await world.do("payment.authorise", an_authorise_task(token, amount=amount))


async def captured(world: World, token: str = "tok_visa", amount: int = 3999) -> None:  # noqa: S107 — likewise
    await authorised(world, token, amount)
    await world.do("payment.capture", a_capture_task())


async def die(world: World, moment: str, name: str, task: Task) -> None:
    world.deadly = moment
    with pytest.raises(DiedError):
        await world.do(name, task)


# --- as it should be


async def test_an_order_is_authorised_then_captured(world: World) -> None:
    output = await world.do("payment.authorise", an_authorise_task())
    held = await world.payment()
    assert (output, held.status) == ({"payment_id": str(held.id)}, Status.AUTHORISED)

    assert await world.do("payment.capture", a_capture_task()) == {}
    paid = await world.payment()
    assert (paid.status, paid.captured, world.network.taken) == (Status.CAPTURED, usd(3999), 3999)


async def test_a_free_order_is_paid_and_returned_like_any_other(world: World) -> None:
    await captured(world, amount=0)
    assert (await world.payment()).status is Status.CAPTURED
    await world.do("payment.refund", a_refund_task())
    assert (await world.payment()).status is Status.REFUNDED
    assert "refund" not in world.network.calls


@pytest.mark.parametrize(
    ("name", "task", "status"),
    [
        ("payment.capture", a_capture_task(), Status.CAPTURED),
        ("payment.refund", a_refund_task(), Status.REFUNDED),
        ("payment.void", a_void_task(), Status.VOIDED),
    ],
)
async def test_what_is_asked_again_after_its_answer_was_forgotten_is_not_done_twice(
    world: World, name: str, task: Task, status: Status
) -> None:
    await (captured if status is Status.REFUNDED else authorised)(world)
    await world.do(name, task)
    taken = world.network.taken
    assert await world.transact(lambda store: store.inbox.forget("~", 10)) >= 2

    await world.do(name, task)

    assert ((await world.payment()).status, world.network.taken) == (status, taken)


@pytest.mark.parametrize(
    ("token", "reason"),
    [("tok_declined", "card-declined"), ("tok_insufficient_funds", "insufficient-funds")],
)
async def test_a_declined_card_is_a_rejection_which_is_kept(
    world: World, token: str, reason: str
) -> None:
    for _ in range(2):
        assert await refused(world, "payment.authorise", an_authorise_task(token)) == (
            "card-declined"
        )
    payment = await world.payment()
    assert (payment.status, payment.reason) == (Status.DECLINED, reason)
    assert world.network.calls == ["authorise"]

    await world.do("payment.void", a_void_task())
    assert (await world.payment()).status is Status.DECLINED
    assert world.network.calls == ["authorise"]


async def test_lost_answers_are_asked_for_again_under_the_same_key(world: World) -> None:
    world.network.lose = ["authorise", "authorise", "capture"]
    world.network.unheard = ["capture"]
    await captured(world)
    assert (len(world.network.held), world.network.taken) == (1, 3999)


async def test_a_task_that_cannot_be_read_is_rejected(world: World) -> None:
    for asked in ({}, {**an_authorise_task().input, "amount": 1.5}):
        task = Task(saga_id="s", step="make_payment", input=asked)
        with pytest.raises(Reject, match="make_payment"):
            await world.do("payment.authorise", task)
    money = {**an_authorise_task().input, "currency": "XXX"}
    task = Task(saga_id="t", step="make_payment", input=money)
    assert await refused(world, "payment.authorise", task) == "malformed-task"


async def test_a_card_number_in_place_of_a_token_is_rejected_and_kept_nowhere(
    world: World,
) -> None:
    task = an_authorise_task("tok_4242424242424242")
    assert await refused(world, "payment.authorise", task) == "card-number"
    assert await world.transact(lambda store: store.payments.of_order(ORDER)) is None
    assert world.network.calls == []


async def test_one_order_is_not_paid_for_by_two_sagas(world: World) -> None:
    await authorised(world)
    other = Task(saga_id="another", step="make_payment", input=an_authorise_task().input)
    assert await refused(world, "payment.authorise", other) == "payment-exists"


# --- deaths


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_authorisation_that_died_is_done_once_when_asked_again(
    world: World, moment: str
) -> None:
    await die(world, moment, "payment.authorise", an_authorise_task())
    await authorised(world)

    assert (await world.payment()).status is Status.AUTHORISED
    assert len(world.network.holding) == 1


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_authorisation_that_died_leaves_nothing_once_it_is_undone(
    world: World, moment: str
) -> None:
    await die(world, moment, "payment.authorise", an_authorise_task())
    if world.network.held or moment == "before commit 1":
        await world.do("payment.void", a_void_task())
    else:
        with pytest.raises(AttemptUnderWayError):
            await world.do("payment.void", a_void_task())
        world.clock.advance(LONG_AFTER)
        await world.do("payment.void", a_void_task())

    expected = {"undone"} if moment != "after commit 2" else {None}
    assert await late_answer(world) in expected
    assert not world.network.holding
    found = await world.transact(lambda store: store.payments.of_order(ORDER))
    assert found is None or found.status is Status.VOIDED


async def late_answer(world: World) -> str | None:
    """Ask for the authorisation after it was undone; an answer given before is replayed."""
    try:
        await world.do("payment.authorise", an_authorise_task())
    except Reject as rejection:
        return rejection.code
    return None


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_void_that_died_is_done_when_asked_again(world: World, moment: str) -> None:
    await authorised(world)
    await die(world, moment, "payment.void", a_void_task())
    await world.do("payment.void", a_void_task())

    assert (await world.payment()).status is Status.VOIDED
    assert not world.network.holding


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_capture_that_died_takes_the_money_once(world: World, moment: str) -> None:
    await authorised(world)
    await die(world, moment, "payment.capture", a_capture_task())
    for _ in range(2):
        await world.do("payment.capture", a_capture_task())

    assert (await world.payment()).status is Status.CAPTURED
    assert world.network.taken == 3999


@pytest.mark.parametrize("moment", [*MOMENTS, "before commit 3", "after commit 3"])
async def test_a_refund_that_died_pays_back_once(world: World, moment: str) -> None:
    await captured(world)
    await die(world, moment, "payment.refund", a_refund_task())
    for _ in range(2):
        await world.do("payment.refund", a_refund_task())

    assert (await world.payment()).status is Status.REFUNDED
    assert list(world.network.refunds.values()) == [3999]


@pytest.mark.parametrize(
    "moment", [*MOMENTS, "before commit 3", "after commit 3", "before commit 4", "after commit 4"]
)
async def test_the_undo_of_a_capture_nobody_knew_of_pays_back_once(
    world: World, moment: str
) -> None:
    await authorised(world)
    await world.network.capture((await world.payment()).network_key)
    await die(world, moment, "payment.void", a_void_task())
    await world.do("payment.void", a_void_task())

    assert (await world.payment()).status is Status.REFUNDED
    assert (list(world.network.refunds.values()), world.network.taken) == ([3999], 0)


# --- an undo beside its do


async def test_an_undo_before_its_do_leaves_a_tombstone(world: World) -> None:
    await world.do("payment.void", a_void_task())
    assert await refused(world, "payment.authorise", an_authorise_task()) == "undone"
    assert world.network.held == {}


@pytest.mark.parametrize("undone_when", ["before", "after"])
async def test_a_do_that_is_undone_while_it_waits_for_the_network_takes_itself_back(
    world: World, undone_when: str
) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()
    authorise = world.network.authorise

    async def wait_then(key: str, token: str, amount: object) -> Approved | Declined:
        reply = await authorise(key, token, amount) if undone_when == "after" else None  # type: ignore[arg-type]  # a Money
        reached.set()
        await go_on.wait()
        return reply or await authorise(key, token, amount)  # type: ignore[arg-type]  # likewise

    world.network.authorise = wait_then  # type: ignore[method-assign]  # one call shall wait
    do = asyncio.create_task(world.do("payment.authorise", an_authorise_task()))
    await reached.wait()
    if undone_when == "before":
        with pytest.raises(AttemptUnderWayError):
            await world.do("payment.void", a_void_task())
    else:
        await world.do("payment.void", a_void_task())
    go_on.set()
    with pytest.raises(Reject) as rejection:
        await do

    assert rejection.value.code == "undone"
    assert not world.network.holding
    await world.do("payment.void", a_void_task())
    assert (await world.payment()).status is Status.VOIDED


async def test_an_unknown_outcome_is_no_rejection(world: World) -> None:
    world.network.lose = ["authorise"] * 3
    with pytest.raises(NetworkUnavailableError):
        await authorised(world)
    assert len(world.network.holding) == 1

    await world.do("payment.void", a_void_task())
    assert not world.network.holding


async def test_an_attempt_is_forgotten_only_a_minute_after_its_deadline(world: World) -> None:
    world.network.unheard = ["authorise"] * 3
    with pytest.raises(NetworkUnavailableError):
        await authorised(world)

    until_deadline = (await world.payment()).deadline - world.clock.now()
    world.clock.advance(until_deadline + timedelta(seconds=59))
    with pytest.raises(AttemptUnderWayError):
        await world.do("payment.void", a_void_task())
    world.clock.advance(timedelta(seconds=1))
    await world.do("payment.void", a_void_task())
    assert (await world.payment()).status is Status.VOIDED


async def test_an_attempt_that_is_made_again_has_a_new_deadline(world: World) -> None:
    world.network.unheard = ["authorise"] * 6
    for _ in range(2):
        with pytest.raises(NetworkUnavailableError):
            await authorised(world)
        world.clock.advance(timedelta(seconds=61))

    payment = await world.payment()
    assert payment.deadline > payment.created_at + timedelta(seconds=61)
    with pytest.raises(AttemptUnderWayError):
        await world.do("payment.void", a_void_task())


# --- beyond the pivot


async def test_a_capture_that_is_declined_is_a_rejection(world: World) -> None:
    await authorised(world, "tok_capture_declined")
    assert await refused(world, "payment.capture", a_capture_task()) == "capture-declined"
    assert (await world.payment()).status is Status.AUTHORISED


@pytest.mark.parametrize("before", [None, "payment.void"])
async def test_nothing_is_captured_that_is_not_held(world: World, before: str | None) -> None:
    if before:
        await authorised(world)
        await world.do(before, a_void_task())
    assert await refused(world, "payment.capture", a_capture_task()) == "payment-not-authorised"


async def test_a_cancellation_pays_back_only_the_rest(world: World) -> None:
    await captured(world)
    payment = await world.payment()

    def refund_some(store: Store) -> None:
        refund = a_refund(payment, 1000)
        assert store.refunds.start(refund)
        refund.settle(payment, world.clock.now())
        store.refunds.save(refund)
        store.payments.save(payment)

    await world.transact(refund_some)
    await world.do("payment.refund", a_refund_task())
    assert (await world.payment()).status is Status.REFUNDED
    assert list(world.network.refunds.values()) == [2999]


async def test_a_cancellation_waits_for_a_refund_whose_outcome_is_unknown(world: World) -> None:
    await captured(world)
    payment = await world.payment()
    assert await world.transact(lambda store: store.refunds.start(a_refund(payment, 1000)))
    with pytest.raises(RefundUnderWayError):
        await world.do("payment.refund", a_refund_task())
    assert world.network.refunds == {}


async def test_a_cancellation_whose_refund_is_declined_is_for_people(world: World) -> None:
    await captured(world, "tok_refund_declined")
    assert await refused(world, "payment.refund", a_refund_task()) == "refund-declined"
    payment = await world.payment()
    assert (payment.status, payment.refunded) == (Status.CAPTURED, usd(0))


@pytest.mark.parametrize("prepare", [None, authorised])
async def test_a_cancellation_lets_go_of_what_is_only_held(
    world: World, prepare: Callable[[World], object] | None
) -> None:
    if prepare is not None:
        await authorised(world)
    assert await world.do("payment.refund", a_refund_task()) == {}
    assert not world.network.holding


async def test_a_cancellation_of_what_was_voided_asks_nobody(world: World) -> None:
    await authorised(world)
    await world.do("payment.void", a_void_task())
    world.network.calls.clear()
    await world.do("payment.refund", a_refund_task())
    assert world.network.calls == []


async def test_a_void_never_rejects_even_if_the_money_does_not_come_back(world: World) -> None:
    await authorised(world, "tok_refund_declined")
    await world.network.capture((await world.payment()).network_key)
    with pytest.raises(RefundDeclinedError):
        await world.do("payment.void", a_void_task())


async def test_the_undo_of_a_free_order_that_was_captured_pays_nothing_back(
    world: World,
) -> None:
    await authorised(world, amount=0)
    await world.network.capture((await world.payment()).network_key)
    await world.do("payment.void", a_void_task())
    assert (await world.payment()).status is Status.REFUNDED
    assert world.network.refunds == {}


async def test_a_lost_void_is_asked_again(world: World) -> None:
    await authorised(world)
    world.network.lose = ["void"]
    await world.do("payment.void", a_void_task())
    assert await world.network.void((await world.payment()).network_key) is Release.VOIDED
