"""Payment wired to a card network in memory, and deaths at chosen moments."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bookstore.kit.clock import FakeClock
from bookstore.kit.money import Money
from bookstore.kit.service import Service
from bookstore.kit.transaction import ResultT, Transact
from bookstore.payment.app import wire
from bookstore.payment.application.ports import Approved, CardNetwork, Declined, Release, Store
from bookstore.payment.domain.payment import OrderId, Payment
from bookstore.payment.settings import Settings
from bookstore.saga.task import Output, Task
from services.payment.tests.builders import NOW, ORDER
from services.payment.tests.memory import KnownOrders
from services.payment.tests.networks import FakeCardNetwork

ReplyT = TypeVar("ReplyT")

SECRET = "a secret of the card network"
SETTINGS = Settings(webhook_secret=SECRET, network_backoff=0)


class DiedError(BaseException):
    """The process ended here: nothing catches it."""


@dataclass
class World:
    """All that a test of payment needs; `die` makes the process end at a moment, once."""

    transact: Transact[Store]
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    network: FakeCardNetwork = field(default_factory=FakeCardNetwork)
    orders: KnownOrders = field(default_factory=KnownOrders)
    deadly: str = ""
    commits: int = 0

    def service(self) -> Service:
        """Wire it, as a start of the process does."""
        self.commits = 0
        mortal = Mortal(self.network, self.maybe_die)
        return wire(
            self._commit,
            self.transact,
            network=mortal,
            orders=self.orders,
            settings=SETTINGS,
            clock=self.clock,
        )

    async def do(self, name: str, task: Task) -> Output:
        """Have a task done by a process that may die over it."""
        answer: Output = await self.service().tasks[name](task)
        return answer

    async def payment(self, order_id: OrderId = ORDER) -> Payment:
        """Return the order's payment."""
        payment = await self.transact(lambda store: store.payments.of_order(order_id))
        assert payment is not None
        return payment

    def maybe_die(self, moment: str) -> None:
        """Die if this is the moment."""
        if moment == self.deadly:
            self.deadly = ""
            raise DiedError(moment)

    async def _commit(self, work: Callable[[Store], ResultT]) -> ResultT:
        self.commits += 1
        number = self.commits
        self.maybe_die(f"before commit {number}")
        result = await self.transact(work)
        self.maybe_die(f"after commit {number}")
        return result


class Mortal(CardNetwork):
    """The way to the network and back, on which one may die."""

    def __init__(self, network: CardNetwork, maybe_die: Callable[[str], None]) -> None:
        self._network = network
        self._maybe_die = maybe_die

    async def authorise(self, key: str, token: str, amount: Money) -> Approved | Declined:
        return await self._travel(self._network.authorise(key, token, amount))

    async def capture(self, key: str) -> Approved | Declined:
        return await self._travel(self._network.capture(key))

    async def void(self, key: str) -> Release:
        return await self._travel(self._network.void(key))

    async def refund(self, key: str, refund_key: str, amount: Money) -> Approved | Declined:
        return await self._travel(self._network.refund(key, refund_key, amount))

    async def _travel(self, call: Coroutine[Any, Any, ReplyT]) -> ReplyT:
        try:
            self._maybe_die("before the call")
        except DiedError:
            call.close()  # nobody will await it
            raise
        reply = await call
        self._maybe_die("after the call")
        return reply


MOMENTS = [
    "before commit 1",
    "after commit 1",
    "before the call",
    "after the call",
    "before commit 2",
    "after commit 2",
]
