"""A payment that ends voided holds nothing in the network's own books, whatever events said."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bookstore.kit.database import open_database
from bookstore.kit.transaction import Transact
from bookstore.payment.app import wire
from bookstore.payment.application.hear_event import Event, HearEvent
from bookstore.payment.application.pay_back import PayBack
from bookstore.payment.application.ports import CardNetwork, Store
from bookstore.payment.application.sweep import Sweep
from bookstore.payment.application.void_payment import VoidPayment
from bookstore.payment.domain.payment import Status
from bookstore.payment.outbound.simulator.ledger import Ledger, Standing
from bookstore.payment.outbound.simulator.network import MIGRATIONS, SimulatedCardNetwork
from bookstore.saga.task import Reject, Task
from services.payment.tests.builders import (
    ORDER,
    a_capture_task,
    a_refund_task,
    a_void_task,
    an_authorise_task,
)
from services.payment.tests.conftest import QUICK
from services.payment.tests.world import SETTINGS, World


class Books:
    """A payment, and the simulated network's own books of it."""

    def __init__(self, world: World, network: CardNetwork, ledger: Transact[Ledger]) -> None:
        self.world = world
        self.network = network
        self.ledger = ledger

    async def do(self, name: str, task: Task) -> None:
        world = self.world
        service = wire(
            world.transact,
            world.transact,
            network=self.network,
            orders=world.orders,
            settings=SETTINGS,
            clock=world.clock,
        )
        await service.tasks[name](task)

    async def hear(self, kind: str) -> None:
        payment = await self.world.payment()
        event = Event(id=kind, type=kind, payment_id=payment.id, amount=payment.amount)
        await HearEvent(self.world.transact, self.world.clock)(event)

    async def sweep(self) -> None:
        world = self.world
        pay_back = PayBack(world.transact, self.network, world.clock)
        void = VoidPayment(world.transact, self.network, pay_back, world.clock)
        world.orders.over.add(ORDER)
        world.clock.advance(timedelta(minutes=20))
        await Sweep(
            transact=world.transact,
            pay_back=pay_back,
            void=void,
            orders=world.orders,
            clock=world.clock,
        )()

    async def standing(self) -> Standing:
        payment = await self.world.payment()
        known = await self.ledger(lambda ledger: ledger.find(payment.network_key))
        assert known is not None
        return known.standing


@pytest.fixture
async def books(store: Transact[Store], tmp_path: Path) -> AsyncIterator[Books]:
    world = World(store)
    url = f"sqlite:///{tmp_path}/card_network.db"
    with open_database(url, MIGRATIONS, readers=1) as database:
        ledger = database.transact(Ledger)
        yield Books(world, SimulatedCardNetwork(ledger, world.clock, QUICK), ledger)


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("captured", "undone"),
        ("captured", "abandoned"),
        ("voided", "undone"),
        ("voided", "abandoned"),
        ("voided", "swept"),  # the sweeper leaves alone what is said to be captured
    ],
)
async def test_the_hold_is_let_go(books: Books, kind: str, ending: str) -> None:
    await books.do("payment.authorise", an_authorise_task())
    await books.hear(kind)
    assert await books.standing() is Standing.AUTHORISED

    if ending == "swept":
        await books.sweep()
    elif ending == "undone":
        await books.do("payment.void", a_void_task())
    else:
        await books.do("payment.refund", a_refund_task())

    payment = await books.world.payment()
    assert (payment.status, await books.standing()) == (Status.VOIDED, Standing.VOIDED)


async def test_after_a_refused_capture_is_retried_and_given_up_nothing_is_held(
    books: Books,
) -> None:
    await books.do("payment.authorise", an_authorise_task("tok_capture_declined"))
    await books.hear("voided")
    for again in range(2):
        with pytest.raises(Reject, match="expired"):
            await books.do("payment.capture", a_capture_task(again=again))
    assert await books.standing() is Standing.AUTHORISED

    await books.do("payment.refund", a_refund_task())

    payment = await books.world.payment()
    assert (payment.status, await books.standing()) == (Status.VOIDED, Standing.VOIDED)
