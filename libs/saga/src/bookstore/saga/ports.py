"""What may be asked of sagas, whichever engine runs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bookstore.kit.errors import ConflictError, NotFoundError
from bookstore.saga.task import Kind


class State(StrEnum):
    """How a saga stands, as both engines show it."""

    REQUESTED = "requested"
    RUNNING = "running"
    COMPLETED = "completed"
    COMPENSATING = "compensating"
    COMPENSATED = "compensated"
    STUCK = "stuck"


ENDED = frozenset({State.COMPLETED, State.COMPENSATED})
GOING = frozenset({State.REQUESTED, State.RUNNING, State.COMPENSATING})


class Status(StrEnum):
    """How an attempt stands, or what staff did in its place."""

    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    REJECTED = "rejected"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    RETRIED = "retried"
    SETTLED = "settled"
    ABANDONED = "abandoned"


UNSUCCESSFUL = frozenset({Status.REJECTED, Status.FAILED, Status.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of a saga's timeline; `error` is a code or, for staff's doings, who and why."""

    step: str
    kind: Kind
    attempt: int
    status: Status
    started_at: datetime
    ended_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SagaView:
    """A saga as people see it; `subject` is what it is about, such as an order's id."""

    saga_id: str
    name: str
    version: int
    subject: str
    state: State
    created_at: datetime
    updated_at: datetime
    deadline: datetime
    timeline: tuple[Attempt, ...]

    @property
    def is_open(self) -> bool:
        """Whether it has not ended yet; a stuck one has not."""
        return self.state not in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class SagaSummary:
    """A saga in a list: where it stands, and the code of what last went wrong with it.

    `step` is None before anything was attempted, `error` if every attempt succeeded.
    """

    saga_id: str
    name: str
    version: int
    subject: str
    state: State
    step: str | None
    error: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SagaRequest:
    """A saga to be: under this id once, whoever asks how often."""

    name: str
    saga_id: str
    subject: str
    input: Mapping[str, Any]
    traceparent: str | None = None


class SagaRequests(Protocol):
    """Where sagas are asked for, in the transaction of what they are about."""

    def request(self, request: SagaRequest) -> None:
        """Ask for a saga, of the newest version; raises SagaExistsError if its id is taken."""
        ...


class SagaLog(Protocol):
    """What became of sagas, within one transaction."""

    def find(self, saga_id: str) -> SagaView | None:
        """Return the saga of this id, if there is one."""
        ...

    def newest(self, subject: str, name: str | None = None) -> SagaView | None:
        """Return the newest saga about the subject, of this name if one is given."""
        ...

    def page(
        self, *, state: State | None, created_before: datetime | None, limit: int, offset: int
    ) -> tuple[int, list[SagaSummary]]:
        """Return how many sagas match, and some of them, the oldest first."""
        ...


class SagaEngine(Protocol):
    """What brings sagas to their end."""

    def wake(self, saga_id: str) -> None:
        """Look at a saga now, after its request was committed; harmless if repeated."""
        ...

    async def ended(self, saga_id: str) -> State:
        """Return how a saga ended, or STUCK, once it has; raises SagaNotFoundError."""
        ...

    async def retry(self, saga_id: str, *, by: str, reason: str = "") -> None:
        """Let a stuck saga go on; raises SagaNotFoundError, SagaNotStuckError."""
        ...

    async def retry_all(self, *, by: str, reason: str = "") -> int:
        """Let all stuck sagas go on; return how many there were."""
        ...

    async def abandon(
        self, saga_id: str, *, by: str, reason: str, then: SagaRequest | None = None
    ) -> None:
        """End a stuck saga where it stands, and ask for the one that cleans up after it.

        Both in one transaction; raises SagaNotFoundError, SagaNotStuckError.
        """
        ...

    async def settle(self, saga_id: str, *, by: str, reason: str) -> None:
        """Count the step at which a saga is stuck as settled by people, and let it go on.

        Raises SagaNotFoundError, SagaNotStuckError.
        """
        ...


class SagaNotFoundError(NotFoundError):
    """There is no such saga."""

    code = "saga-not-found"


class SagaNotStuckError(ConflictError):
    """Only a stuck saga is retried, abandoned or settled; this one is not, or no longer."""

    code = "saga-not-stuck"


class SagaExistsError(ConflictError):
    """A saga was asked for under this id before."""

    code = "saga-exists"
