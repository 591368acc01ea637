"""Patience with a card network: a deadline for each call, a few attempts, and then no more."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from bookstore.kit.money import Money
from bookstore.payment.application.ports import (
    Approved,
    CardNetwork,
    Declined,
    NetworkUnavailableError,
    Release,
)

ReplyT = TypeVar("ReplyT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one call may take, how often it is tried, and how long to wait in between."""

    deadline: float = 3.0
    attempts: int = 3
    backoff: float = 0.25
    longest_backoff: float = 1.0

    @property
    def total(self) -> timedelta:
        """The longest that all attempts together may take."""
        waiting = self.longest_backoff * (self.attempts - 1)
        return timedelta(seconds=self.deadline * self.attempts + waiting)


class PatientCardNetwork(CardNetwork):
    """Asks another card network again, under the same key, where no answer comes in time."""

    def __init__(self, network: CardNetwork, patience: Patience) -> None:
        self._network = network
        self._patience = patience

    async def authorise(self, key: str, token: str, amount: Money) -> Approved | Declined:
        return await self._ask(lambda: self._network.authorise(key, token, amount))

    async def capture(self, key: str) -> Approved | Declined:
        return await self._ask(lambda: self._network.capture(key))

    async def void(self, key: str) -> Release:
        return await self._ask(lambda: self._network.void(key))

    async def refund(self, key: str, refund_key: str, amount: Money) -> Approved | Declined:
        return await self._ask(lambda: self._network.refund(key, refund_key, amount))

    async def _ask(self, call: Callable[[], Awaitable[ReplyT]]) -> ReplyT:
        patience = self._patience
        for attempt in range(patience.attempts):
            if attempt:
                longest = min(patience.backoff * 2**attempt, patience.longest_backoff)
                await asyncio.sleep(longest * random.uniform(0.5, 1))  # noqa: S311 — only jitter
            try:
                async with asyncio.timeout(patience.deadline):
                    return await call()
            except (NetworkUnavailableError, TimeoutError):
                continue
        raise NetworkUnavailableError("the card network does not answer", retry_after=5)
