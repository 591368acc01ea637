"""Orphan authorisations are voided; those that an order may still need are not."""

import asyncio
from datetime import timedelta

import pytest

from bookstore.kit.errors import UnavailableError
from bookstore.kit.transaction import Transact
from bookstore.payment.application.ports import Store
from bookstore.payment.application.sweep import Sweep, Swept
from bookstore.payment.domain.payment import OrderId, Status
from bookstore.payment.inbound.sweeper import Sweeper
from services.payment.tests.builders import ORDER, an_authorise_task
from services.payment.tests.memory import KnownOrders
from services.payment.tests.sweeping import sweep_of
from services.payment.tests.world import DiedError, World

LONG = timedelta(minutes=10, seconds=1)


@pytest.fixture
def world(transact: Transact[Store]) -> World:
    return World(transact)


async def test_the_hold_of_a_cancelled_order_is_let_go(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task())
    world.orders.over.add(ORDER)
    assert await sweep_of(world)() == Swept()

    world.clock.advance(LONG)
    assert await sweep_of(world)() == Swept(voids=1)
    assert (await world.payment()).status is Status.VOIDED
    assert not world.network.holding


async def test_the_hold_of_a_living_order_is_kept(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task())
    world.clock.advance(LONG)
    assert await sweep_of(world)() == Swept()
    assert world.network.holding


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
async def test_an_attempt_that_died_is_cleared_away(world: World, moment: str) -> None:
    world.deadly = moment
    with pytest.raises(DiedError):
        await world.do("payment.authorise", an_authorise_task())
    world.orders.over.add(ORDER)
    world.clock.advance(LONG)
    assert await sweep_of(world)() == Swept(voids=1)
    assert (await world.payment()).status is Status.VOIDED
    assert not world.network.holding


class Nobody(KnownOrders):
    """The order service is not there."""

    async def is_over(self, order_id: OrderId) -> bool:
        raise UnavailableError(f"nobody knows {order_id}")


async def test_without_the_order_service_nothing_is_let_go(world: World) -> None:
    await world.do("payment.authorise", an_authorise_task())
    world.orders = Nobody()
    world.clock.advance(LONG)
    assert await sweep_of(world)() == Swept(left=1)
    assert world.network.holding


async def test_the_clockwork_goes_on_after_a_bad_round(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []
    done = asyncio.Event()

    async def round_(_sweep: Sweep) -> Swept:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise RuntimeError("a bad round")
        if len(rounds) == 3:
            done.set()
        return Swept(voids=len(rounds) % 2)

    monkeypatch.setattr(Sweep, "__call__", round_)
    job = asyncio.create_task(Sweeper(sweep_of(world), every=0).run())
    await asyncio.wait_for(done.wait(), 5)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert rounds[:3] == [0, 1, 2]
