"""Workflows that go no further by themselves: mended ever more rarely, then left to people.

Staff have a stuck one go on; others break though no task of theirs failed, because somebody ended
them by hand or the server was in trouble. Which of them are mended in vain is known to one
process: another that takes a saga over begins anew.
"""

import logging
from dataclasses import dataclass, field
from typing import Final

from bookstore.kit.clock import Clock
from bookstore.kit.errors import BookstoreError, UnavailableError
from bookstore.saga.conductor.client import Conductor, Json
from bookstore.saga.conductor.history import (
    WORKFLOW_BROKEN,
    WORKFLOW_GONE,
    Known,
    broken,
    last_done,
    settled_task,
)
from bookstore.saga.progress import Event, Progress

log = logging.getLogger(__name__)

MOST: Final = 6  # times in vain; with a round of a second they take a minute
_NEVER: Final = (0, 0.0)


@dataclass(frozen=True)
class Mender:
    """Mends workflows; `first` is the pause after the first time, in seconds, then doubled."""

    conductor: Conductor
    clock: Clock
    first: float
    _tried: dict[str, tuple[int, float]] = field(default_factory=dict)

    def forget(self, saga_id: str) -> None:
        """Begin anew: something came of it."""
        self._tried.pop(saga_id, None)

    async def mend(self, progress: Progress, flow: Json, known: Known) -> Event | None:
        """Have a broken workflow go on; return the event that leaves its saga to people."""
        saga_id, id_ = progress.saga_id, flow["workflowId"]
        why = flow.get("reasonForIncompletion") or "it does not say why"
        if self._is_over(saga_id):
            reason = f"workflow {id_} is {flow['status']} and stays so: {why}"
            return broken(progress, WORKFLOW_BROKEN, reason, self.clock.now())
        if self._is_due(saga_id):
            log.warning("saga %s: workflow %s goes on: %s", saga_id, id_, why)
            try:
                await self._resume(flow, known)
            except UnavailableError:
                raise
            except BookstoreError as error:
                log.warning("saga %s does not go on: %s", saga_id, error)
            self._count(saga_id)
        return None

    def miss(self, progress: Progress, workflow_id: str) -> Event | None:
        """Count that a workflow was not found; return the event that leaves its saga to people."""
        log.error("saga %s: its workflow %s is gone", progress.saga_id, workflow_id)
        if self._is_over(progress.saga_id):
            reason = f"the workflow server knows no workflow {workflow_id}"
            return broken(progress, WORKFLOW_GONE, reason, self.clock.now())
        if self._is_due(progress.saga_id):
            self._count(progress.saga_id)
        return None

    async def _resume(self, flow: Json, known: Known) -> None:
        if (settled := settled_task(flow, known)) is not None:
            await self.conductor.settle(flow["workflowId"], settled)
        elif (done := last_done(flow)) is not None:
            await self.conductor.repeat(flow["workflowId"], done)
        else:
            await self.conductor.retry(flow["workflowId"])

    def _is_due(self, saga_id: str) -> bool:
        return self.clock.monotonic() >= self._tried.get(saga_id, _NEVER)[1]

    def _is_over(self, saga_id: str) -> bool:
        return self._is_due(saga_id) and self._tried.get(saga_id, _NEVER)[0] >= MOST

    def _count(self, saga_id: str) -> None:
        times = self._tried.get(saga_id, _NEVER)[0]
        self._tried[saga_id] = times + 1, self.clock.monotonic() + self.first * 2**times
