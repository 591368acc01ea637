"""What staff can do about a saga, the same on every engine: each command is one written move."""

import logging
from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from bookstore.kit.clock import Clock
from bookstore.saga.decide import by_staff
from bookstore.saga.ports import SagaEngine, SagaNotStuckError, SagaRequest, Status
from bookstore.saga.progress import Event, Progress

log = logging.getLogger(__name__)


class Steered(SagaEngine):
    """An engine whose stuck sagas staff move; whoever is one says which they are, and writes."""

    _clock: Clock

    @abstractmethod
    async def _stuck(self) -> Sequence[str]:
        """Return the sagas which wait for people."""

    @abstractmethod
    async def _write_move(
        self, saga_id: str, decide: Callable[[Progress], Event], then: SagaRequest | None
    ) -> None:
        """Write down the move; raises SagaNotFoundError, SagaNotStuckError."""

    async def retry(self, saga_id: str, *, by: str, reason: str = "") -> None:
        await self._move(saga_id, Status.RETRIED, by, reason)

    async def retry_all(self, *, by: str, reason: str = "") -> int:
        retried = 0
        for saga_id in await self._stuck():
            with suppress(SagaNotStuckError):  # somebody was faster
                await self.retry(saga_id, by=by, reason=reason)
                retried += 1
        return retried

    async def abandon(
        self, saga_id: str, *, by: str, reason: str, then: SagaRequest | None = None
    ) -> None:
        await self._move(saga_id, Status.ABANDONED, by, reason, then)

    async def settle(self, saga_id: str, *, by: str, reason: str) -> None:
        await self._move(saga_id, Status.SETTLED, by, reason)

    async def _move(
        self, saga_id: str, status: Status, by: str, reason: str, then: SagaRequest | None = None
    ) -> None:
        decide = partial(
            by_staff,
            status=status,
            by=by,
            reason=reason,
            at=self._clock.now(),
            then=None if then is None else then.name,
        )
        await self._write_move(saga_id, decide, then)
        log.warning("saga %s %s by %s: %s", saga_id, status, by, reason)
        self.wake(saga_id)
        if then is not None:
            self.wake(then.saga_id)
