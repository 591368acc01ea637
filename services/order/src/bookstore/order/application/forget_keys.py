"""Forgetting Idempotency-Keys once nobody may rely on them any longer."""

import asyncio
from dataclasses import dataclass

from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact
from bookstore.order.application.place_order import KEPT_FOR
from bookstore.order.application.ports import OrderStore

_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class ForgetKeys:
    """Deletes the keys that are older than they are promised to be kept."""

    transact: Transact[OrderStore]
    clock: Clock

    async def __call__(self) -> int:
        before = self.clock.now() - KEPT_FOR
        return await self.transact(lambda store: store.purchases.forget(before))

    async def every_hour(self) -> None:
        """Do so until it is cancelled."""
        while True:
            await self()
            await asyncio.sleep(_PAUSE)
