"""Every event at every moment of every step: in the end the row says what the network does.

An event is hearsay until the network itself is asked: whatever it says, true or not, an order
that went through is paid for once, and for one that did not nothing is held or taken.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bookstore.kit.errors import UnavailableError
from bookstore.kit.transaction import Transact, at_once
from bookstore.payment.application.hear_event import Event, HearEvent
from bookstore.payment.application.ports import Store
from bookstore.payment.domain.payment import Status
from bookstore.saga.task import Reject, Task
from services.payment.tests.builders import (
    ORDER,
    a_capture_task,
    a_refund_task,
    a_void_task,
    an_authorise_task,
    usd,
)
from services.payment.tests.memory import MemoryStore
from services.payment.tests.sweeping import sweep_of
from services.payment.tests.world import World

KINDS = ["authorised", "captured", "voided", "declined"]
MOMENTS = ["before the step", "before the call", "after the call", "after the step"]
STEPS: dict[str, Callable[..., Task]] = {
    "authorise": an_authorise_task,
    "capture": a_capture_task,
    "void": a_void_task,
    "refund": a_refund_task,
}
# What a saga does, and at which step an event may come.
STORIES = {
    "bought": ["authorise", "capture"],
    "undone": ["authorise", "void"],
    "cancelled": ["authorise", "capture", "refund"],
}
TELLING = [(story, step) for story, steps in STORIES.items() for step in steps]
AGREEING: dict[Status, set[str | None]] = {
    Status.AUTHORISED: {"authorised"},
    Status.CAPTURED: {"captured"},
    Status.REFUNDED: {"captured"},
    Status.VOIDED: {None, "voided", "declined"},
    Status.DECLINED: {None, "voided", "declined"},
}


@pytest.fixture
def world() -> World:
    transact: Transact[Store] = at_once(MemoryStore())
    return World(transact)


async def hear(world: World, kind: str) -> None:
    payment = await world.transact(lambda store: store.payments.of_order(ORDER))
    if payment is not None:
        event = Event(id="evt_1", type=kind, payment_id=payment.id, amount=usd(3999))
        await HearEvent(world.transact, world.clock)(event)


def tell(world: World, operation: str, kind: str, moment: str) -> None:
    """Have the event come around the next call of an operation of the network."""
    ask: Callable[..., Awaitable[Any]] = getattr(world.network, operation)

    async def interrupted(*arguments: object) -> object:
        setattr(world.network, operation, ask)
        if moment == "before the call":
            await hear(world, kind)
        reply = await ask(*arguments)
        if moment == "after the call":
            await hear(world, kind)
        return reply

    setattr(world.network, operation, interrupted)


async def take(world: World, step: str, token: str = "tok_visa") -> str | None:  # noqa: S107 — a card token
    """Do a step until there is an answer; return the code of a rejection."""
    task = STEPS[step](token) if step == "authorise" else STEPS[step]()
    for _ in range(3):
        try:
            await world.do(f"payment.{step}", task)
        except Reject as rejection:
            return rejection.code
        except UnavailableError:
            world.clock.advance(timedelta(minutes=2))
        else:
            return None
    raise AssertionError(f"{step} never ends")


async def play(  # noqa: PLR0913, PLR0917 — a play has that many parts
    world: World, story: str, at: str, moment: str, kind: str, token: str
) -> str | None:
    """Do the story's steps with the event in between; return how it was rejected."""
    for step in STORIES[story]:
        if step == at and moment == "before the step":
            await hear(world, kind)
        if step == at:
            tell(world, step, kind, moment)
        code = await take(world, step, token)
        if step == at and moment == "after the step":
            await hear(world, kind)
        if code is not None:
            return code
    return None


async def agreed(world: World) -> None:
    payment = await world.payment()
    held = world.network.held.get(payment.network_key)
    assert (None if held is None else held.standing) in AGREEING[payment.status]
    assert world.network.taken == payment.captured.amount - payment.refunded.amount


@pytest.mark.parametrize("token", ["tok_visa", "tok_declined"])
@pytest.mark.parametrize("healer", ["the saga", "the sweeper"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("telling", TELLING, ids=str)
async def test_row_and_network_agree_in_the_end(  # noqa: PLR0913, PLR0917 — a table has that many columns
    world: World, telling: tuple[str, str], moment: str, kind: str, healer: str, token: str
) -> None:
    story, at = telling
    code = await play(world, story, at, moment, kind, token)

    if code is None and story == "bought":
        assert (await world.payment()).status is Status.CAPTURED
        assert world.network.taken == 3999
    elif healer == "the saga":
        await take(world, "void")
        assert await take(world, "refund") is None
    else:
        world.orders.over.add(ORDER)
        world.clock.advance(timedelta(minutes=20))
        await sweep_of(world)()
    if code is not None or story != "bought":
        assert not world.network.holding
        assert world.network.taken == 0
    await agreed(world)


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
async def test_a_decline_that_is_heard_of_first_is_the_answer_and_the_hold_is_let_go(
    world: World, moment: str
) -> None:
    tell(world, "authorise", "declined", moment)
    for _ in range(2):
        assert await take(world, "authorise") == "card-declined"

    assert (await world.payment()).status is Status.DECLINED
    assert not world.network.holding


async def test_a_hold_that_could_not_be_let_go_at_once_is_let_go_by_the_undo(world: World) -> None:
    tell(world, "authorise", "declined", "after the call")
    world.network.unheard = ["void"] * 3
    assert await take(world, "authorise") == "card-declined"
    assert world.network.holding

    await take(world, "void")
    assert not world.network.holding


async def test_the_network_is_asked_once_about_a_decline_it_did_not_tell_itself(
    world: World,
) -> None:
    tell(world, "authorise", "declined", "after the call")
    assert await take(world, "authorise") == "card-declined"
    world.orders.over.add(ORDER)
    world.clock.advance(timedelta(minutes=20))
    world.network.calls.clear()
    for _ in range(2):
        await sweep_of(world)()
    assert world.network.calls == []


async def test_a_capture_that_the_network_denies_is_taken_back_and_named(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.do("payment.authorise", an_authorise_task())
    payment = await world.payment()
    event = Event(id="e", type="captured", payment_id=payment.id, amount=payment.amount)
    await HearEvent(world.transact, world.clock)(event)

    await world.do("payment.refund", a_refund_task())  # staff abandoned the purchase

    payment = await world.payment()
    assert (payment.status, payment.captured, payment.reason) == (
        Status.VOIDED,
        usd(0),
        "network-disagreed",
    )
    assert not world.network.holding
    assert f"payment {payment.id} of order {ORDER} was captured, by an event" in caplog.text
