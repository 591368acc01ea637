"""Fakes for the tests of participants and of those who ask for sagas: all in memory."""

from datetime import datetime, timedelta

from bookstore.kit.clock import Clock, FakeClock
from bookstore.saga.inbox import Answer, AnsweredMeanwhileError, Inbox
from bookstore.saga.ports import (
    UNSUCCESSFUL,
    SagaExistsError,
    SagaLog,
    SagaRequest,
    SagaRequests,
    SagaSummary,
    SagaView,
    State,
)


class MemoryInbox(Inbox):
    """An inbox that lasts as long as the test; nothing is ever rolled back."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}

    def find(self, key: str) -> Answer | None:
        return self.answers.get(key)

    def keep(self, key: str, answer: Answer) -> None:
        if key in self.answers:
            raise AnsweredMeanwhileError(f"{key} was answered meanwhile")
        self.answers[key] = answer

    def forget(self, before: str, most: int) -> int:
        oldest = sorted(key for key in self.answers if key < before)[:most]
        for key in oldest:
            del self.answers[key]
        return len(oldest)


class MemorySagas(SagaRequests, SagaLog):
    """Sagas which are asked for and then stay as they are, unless a test changes `views`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or FakeClock()
        self.requested: list[SagaRequest] = []
        self.views: dict[str, SagaView] = {}

    def request(self, request: SagaRequest) -> None:
        if request.saga_id in self.views:
            raise SagaExistsError(f"saga {request.saga_id} was asked for before")
        self.requested.append(request)
        now = self._clock.now()
        self.views[request.saga_id] = SagaView(
            saga_id=request.saga_id,
            name=request.name,
            version=1,
            subject=request.subject,
            state=State.REQUESTED,
            created_at=now,
            updated_at=now,
            deadline=now + timedelta(minutes=1),
            timeline=(),
        )

    def find(self, saga_id: str) -> SagaView | None:
        return self.views.get(saga_id)

    def newest(self, subject: str, name: str | None = None) -> SagaView | None:
        about = [v for v in self.views.values() if v.subject == subject and name in (None, v.name)]
        return about[-1] if about else None

    def page(
        self, *, state: State | None, created_before: datetime | None, limit: int, offset: int
    ) -> tuple[int, list[SagaSummary]]:
        found = [
            summary(view)
            for view in self.views.values()
            if state in (None, view.state)
            and (created_before is None or view.created_at < created_before)
        ]
        return len(found), found[offset : offset + limit]


def summary(view: SagaView) -> SagaSummary:
    """Put a saga in a nutshell, as a list of sagas does."""
    errors = [line.error for line in view.timeline if line.status in UNSUCCESSFUL]
    return SagaSummary(
        saga_id=view.saga_id,
        name=view.name,
        version=view.version,
        subject=view.subject,
        state=view.state,
        step=view.timeline[-1].step if view.timeline else None,
        error=errors[-1] if errors else None,
        created_at=view.created_at,
        updated_at=view.updated_at,
    )
