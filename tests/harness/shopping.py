"""Buyers who buy one book after the other, whatever breaks meanwhile, and who want it to add up.

Who gets no answer, or is told to come back, sends the same order with the same key again, as a
well-made client does.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx
from tests.harness.people import Buyer

OVER = {"confirmed", "cancelled"}
_ACCEPTED = {
    HTTPStatus.CREATED,
    HTTPStatus.ACCEPTED,
    HTTPStatus.PAYMENT_REQUIRED,
    HTTPStatus.CONFLICT,
}
_COME_BACK = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_PATIENCE_S = 600


@dataclass
class Shopping:
    """What was ordered: the location of each order by its key."""

    orders: dict[str, str] = field(default_factory=dict)
    unavailable: int = 0  # answers that said: come back

    async def buy(self, buyer: Buyer, book: int, key: str, **how: str) -> httpx.Response:
        """Send an order until it is answered, and note which it became."""
        while True:
            try:
                answer = await buyer.buy((book, 1), key=key, prefer="respond-async", **how)
            except httpx.TransportError:
                await asyncio.sleep(0.2)
                continue
            if answer.status_code in _COME_BACK:
                self.unavailable += 1
                await asyncio.sleep(0.5)
                continue
            assert answer.status_code in _ACCEPTED, f"{answer.status_code} {answer.text}"
            self.orders[key] = answer.headers["location"]
            return answer

    @asynccontextmanager
    async def going_on(self, buyers: list[Buyer], book: int) -> AsyncIterator[None]:
        """Have all of them buy, one order each at a time, until the block ends.

        What they began they bring to an end.
        """
        closed = asyncio.Event()

        async def shop(buyer: Buyer) -> None:
            for number in itertools.count():
                if closed.is_set():
                    return
                answer = await self.buy(buyer, book, f"{buyer.email}-{number}")
                await until_over(buyer, answer.headers["location"])

        async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as group:
            for buyer in buyers:
                group.create_task(shop(buyer))
            yield
            closed.set()


async def until_over(
    buyer: Buyer, location: str, *, statuses: Collection[str] = OVER, within: float = 300
) -> dict[str, Any]:
    """Wait until an order has come to its end, or to another status, and return it."""
    async with asyncio.timeout(within):
        while True:
            try:
                answer = await buyer.http.get(location)
            except httpx.TransportError:
                await asyncio.sleep(0.2)
                continue
            if answer.is_success and answer.json()["status"] in statuses:
                order: dict[str, Any] = answer.json()
                return order
            assert answer.is_success or answer.status_code in _COME_BACK, answer.text
            await asyncio.sleep(0.5)
