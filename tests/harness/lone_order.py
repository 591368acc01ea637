"""Ordering as a process of its own, among neighbours that the test plays: they answer, or hang."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
from tests.harness.issuer import Issuer, issuing
from tests.harness.people import order
from tools.servers.ports import free_address

from bookstore.contracts.proto.book.v1 import book_pb2 as pb
from bookstore.contracts.proto.book.v1.book_pb2_grpc import (
    BookServiceServicer,
    add_BookServiceServicer_to_server,
)
from bookstore.contracts.proto.common.v1.money_pb2 import Money
from bookstore.kit.caller import Role
from bookstore.kit.ids import uuid7
from bookstore.kit.rpc import open_server

_WITHIN_S = 30


class Shelves(BookServiceServicer):
    """The catalog: every book costs the same, if anybody still answers."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    async def FindPrices(
        self, request: pb.FindPricesRequest, _context: object
    ) -> pb.FindPricesResponse:
        self.asked.set()
        await self.answers.wait()
        price = Money(amount=999, currency="USD")
        return pb.FindPricesResponse(
            items=[
                pb.BookPrice(book_id=id_, title="A book", price=price) for id_ in request.book_ids
            ]
        )


@dataclass
class LoneOrder:
    """The process, and who asks it; its Conductor accepts calls and never answers any."""

    process: "subprocess.Popen[bytes]"
    shelves: Shelves
    http: httpx.AsyncClient
    told_at: float = field(default=0, init=False)

    async def buy(self, prefer: str) -> httpx.Response:
        """Order a book."""
        headers = {"Idempotency-Key": str(uuid7()), "Prefer": prefer}
        return await self.http.post("/api/v1/orders", json=order((7, 1)), headers=headers)

    async def quote(self) -> httpx.Response:
        """Ask what a book would cost."""
        return await self.http.post(
            "/api/v1/orders/quote", json={"order_items": order((7, 1))["order_items"]}
        )

    async def begun(
        self, asking: Coroutine[Any, Any, httpx.Response]
    ) -> "asyncio.Task[httpx.Response]":
        """Ask, and go on once it has come as far as to ask the catalog."""
        asked = asyncio.create_task(self.shelves.asked.wait())
        answer = asyncio.create_task(asking)
        await asyncio.wait({asked, answer}, return_when=asyncio.FIRST_COMPLETED)
        assert not answer.done(), answer.result().text
        return answer

    def stop(self) -> None:
        """Tell it to stop."""
        self.told_at = time.monotonic()
        self.process.send_signal(signal.SIGTERM)

    async def ended(self) -> tuple[int, float]:
        """Wait for its end; return its exit code, and how long that took in seconds."""
        code = await asyncio.to_thread(self.process.wait, _WITHIN_S)
        return code, time.monotonic() - self.told_at


@asynccontextmanager
async def lone_order(database_url: str, **settings: str) -> AsyncIterator[LoneOrder]:
    """Serve ordering until the block ends."""
    async with AsyncExitStack() as stack:
        issuer = stack.enter_context(issuing())
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        shelves = Shelves()  # type: ignore[abstract]  # nobody asks for more
        register = partial(add_BookServiceServicer_to_server, shelves)
        catalog = await stack.enter_async_context(
            open_server([register], "127.0.0.1:0", check=_anybody, grace=0)
        )
        address, nobody = free_address(), "127.0.0.1:1"
        environment = {
            **issuer.settings,
            "DATABASE_URL": database_url,
            "HTTP": address,
            "RPC": free_address(),
            "SAGA_ENGINE": "conductor",
            "CONDUCTOR_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "CATALOG_RPC": catalog.address,
            "IDENTITY_RPC": nobody,
            "PAYMENT_RPC": nobody,
            **settings,
        }
        serve = [sys.executable, "-m", "bookstore.order", "serve"]
        process = stack.enter_context(subprocess.Popen(serve, env=environment))  # noqa: ASYNC220 — it takes no time
        stack.callback(process.kill)
        async with httpx.AsyncClient(
            base_url=f"http://{address}", headers=_buyers(issuer), timeout=60
        ) as http:
            await _ready(http, process)
            async with asyncio.timeout(_WITHIN_S):
                yield LoneOrder(process, shelves, http)


async def _anybody(_token: str) -> None:
    """Believe whoever calls."""


def _buyers(issuer: Issuer) -> dict[str, str]:
    token = issuer.sign(
        sub=str(uuid7()),
        client_id="web",
        email="ann@example.com",
        realm_access={"roles": [Role.ORDER, Role.PROFILE, Role.VIEW]},
    )
    return {"Authorization": f"Bearer {token}"}


async def _ready(http: httpx.AsyncClient, process: "subprocess.Popen[bytes]") -> None:
    async with asyncio.timeout(_WITHIN_S):
        while process.poll() is None:
            try:
                if (await http.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError("it does not get ready")
