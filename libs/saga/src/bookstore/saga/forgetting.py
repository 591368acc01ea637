"""Forgetting what participants answered to sagas that began so long ago that nobody asks again.

A key begins with its saga's id, which begins with when it was made: the oldest answers are the
first rows of the inbox, so neither a column nor an index is needed to find them. ADR 15 says why
the time that they are kept is long enough.
"""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bookstore.kit.clock import Clock
from bookstore.kit.ids import first_uuid7
from bookstore.kit.process_settings import ServiceSettings
from bookstore.kit.transaction import Transact
from bookstore.saga.inbox import HasInbox

log = logging.getLogger(__name__)

BATCH: Final = 500  # rows in one transaction, so that no worker waits for it
SHORTEST_DAYS: Final = 7
_PAUSE_S: Final = 3600.0


class ParticipantSettings(ServiceSettings, frozen=True, kw_only=True):
    """How long a participant remembers what it answered, in days."""

    answers_kept_days: int = 90

    def problems(self) -> Iterator[str]:
        """Say what makes no sense."""
        yield from super().problems()
        if self.answers_kept_days < SHORTEST_DAYS:
            yield (
                f"ANSWERS_KEPT_DAYS: is {self.answers_kept_days}, but takes {SHORTEST_DAYS} or "
                "more: a saga that is retried must find what was done for it"
            )


@dataclass(frozen=True, slots=True)
class ForgetAnswers:
    """Deletes the answers to sagas that are older than `kept_days`."""

    transact: Transact[HasInbox]
    clock: Clock
    kept_days: int

    async def __call__(self) -> int:
        """Do so, some at a time; return how many there were."""
        before = str(first_uuid7(self.clock.now() - timedelta(days=self.kept_days)))
        forgotten = 0
        while gone := await self.transact(lambda store: store.inbox.forget(before, BATCH)):
            forgotten += gone
            await asyncio.sleep(0)
        if forgotten:
            log.info("%d answers to sagas of %d days ago are forgotten", forgotten, self.kept_days)
        return forgotten

    async def every_hour(self) -> None:
        """Do so until it is cancelled."""
        while True:
            await self()
            await asyncio.sleep(_PAUSE_S)
