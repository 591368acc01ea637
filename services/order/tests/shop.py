"""Ordering alive: its real database, engine and HTTP, with neighbours that do as they are told."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bookstore.kit.auth import KnownCallers
from bookstore.kit.clock import SystemClock
from bookstore.kit.database import open_database
from bookstore.kit.http import application
from bookstore.kit.ids import uuid7
from bookstore.order.app import MIGRATIONS, wire
from bookstore.order.outbound.sql import SqlOrderStore
from bookstore.order.saga import SAGAS
from bookstore.saga.engine import EmbeddedEngine
from bookstore.saga.task import Handler, Output, Reject, Task
from services.order.tests.builders import ada, bob, service, staff
from services.order.tests.memory import FixedPriceList, KeptSettlements, KnownAccounts

CALLERS = KnownCallers({"ada": ada, "bob": bob, "staff": staff, "service": service})
CLEAN_CODE_TWICE: Mapping[str, Any] = {
    "order_items": [{"book_id": 1, "quantity": 2}],
    "payment_method": {"type": "card", "token": "tok_visa"},
}
NEIGHBOURS = (
    "payment.authorise",
    "payment.void",
    "payment.capture",
    "payment.refund",
    "inventory.reserve",
    "inventory.release",
    "inventory.ship",
)


@dataclass
class Neighbours:
    """Payment and inventory: each task succeeds, unless a test gives it something else to do."""

    doing: dict[str, Callable[[Task], Any]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def tasks(self) -> dict[str, Handler]:
        return {name: self._handler(name) for name in NEIGHBOURS}

    def reject(self, name: str, code: str, *fields: Mapping[str, Any]) -> None:
        def handle(_task: Task) -> None:
            raise Reject(code, "because the test says so", fields)

        self.doing[name] = handle

    def fail(self, name: str, times: int = 1_000) -> None:
        """Fail so many times, as a neighbour that is away does."""
        left = [times]

        def handle(_task: Task) -> None:
            if left[0]:
                left[0] -= 1
                raise ConnectionError("away")

        self.doing[name] = handle

    def hold(self, name: str) -> asyncio.Event:
        """Do nothing before the event is set."""
        event = asyncio.Event()
        self.doing[name] = lambda _task: event.wait()
        return event

    def _handler(self, name: str) -> Handler:
        async def handle(task: Task) -> Output:
            self.done.append(name)
            answer = self.doing[name](task) if name in self.doing else None
            if asyncio.iscoroutine(answer):
                await answer
            return {}

        return handle


class Shop:
    """The service as its clients meet it."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        neighbours: Neighbours,
        prices: FixedPriceList,
        accounts: KnownAccounts,
        settlements: KeptSettlements,
    ) -> None:
        self.neighbours = neighbours
        self.prices = prices
        self.accounts = accounts
        self.settlements = settlements
        self._client = client

    async def call(self, method: str, path: str, who: str = "ada", **asked: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {who}"} | asked.pop("headers", {})
        return await self._client.request(method, f"/api/v1{path}", headers=headers, **asked)

    async def buy(
        self,
        *,
        key: str | None = None,
        who: str = "ada",
        prefer: str | None = None,
        **changes: Any,
    ) -> httpx.Response:
        headers = {"idempotency-key": key or str(uuid7())}
        if prefer is not None:
            headers["prefer"] = prefer
        body = {**CLEAN_CODE_TWICE, **changes}
        return await self.call("POST", "/orders", who, json=body, headers=headers)

    async def order(self, order_id: str) -> Any:
        return (await self.call("GET", f"/orders/{order_id}", "staff")).json()

    async def saga(self, order_id: str, **query: str) -> Any:
        answer = await self.call("GET", f"/orders/{order_id}/saga", "staff", params=query)
        return answer.json()

    async def stuck_sagas(self) -> list[Any]:
        """Wait until sagas are stuck, and return them as staff have them listed."""
        async with asyncio.timeout(10):
            while True:
                found = await self.call("GET", "/sagas", "staff", params={"state": "stuck"})
                if found.json()["items"]:
                    return list(found.json()["items"])
                await asyncio.sleep(0.01)

    async def saga_came_to(self, order_id: str, *states: str, **query: str) -> Any:
        """Wait until a saga has come to one of the states."""
        async with asyncio.timeout(10):
            while True:
                saga = await self.saga(order_id, **query)
                if saga["state"] in states:
                    return saga
                await asyncio.sleep(0.01)


@asynccontextmanager
async def open_shop(folder: Path, neighbours: Neighbours | None = None) -> AsyncGenerator[Shop]:
    neighbours = neighbours or Neighbours()
    clock, prices, accounts = SystemClock(), FixedPriceList(), KnownAccounts()
    settlements = KeptSettlements()
    with open_database(f"sqlite:///{folder}/order.db", MIGRATIONS) as database:
        engine = EmbeddedEngine(database, SAGAS, clock=clock)
        write, read = database.transact(SqlOrderStore), database.read(SqlOrderStore)
        wired = wire(write, read, prices, accounts, settlements, engine, clock)
        app = application(wired.operations, authenticator=CALLERS, drain=wired.drain)
        running = asyncio.create_task(engine.run({**neighbours.tasks(), **wired.tasks}))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            try:
                yield Shop(client, neighbours, prices, accounts, settlements)
            finally:
                running.cancel()
                await asyncio.wait([running])
