"""The sweeper's clockwork: one round after the other, whatever one of them meets."""

import asyncio
import logging
from dataclasses import dataclass

from bookstore.payment.application.sweep import Sweep

_LOG = logging.getLogger("bookstore.payment.sweeper")


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Sweeps every so many seconds until it is cancelled."""

    sweep: Sweep
    every: float

    async def run(self) -> None:
        """Sweep at once, then again and again."""
        while True:
            try:
                swept = await self.sweep()
            except Exception:  # noqa: BLE001 — one bad round must not end all
                _LOG.exception("a round of the sweeper failed")
            else:
                if swept.refunds or swept.voids or swept.left:
                    _LOG.info("swept: %s", swept)
            await asyncio.sleep(self.every)
