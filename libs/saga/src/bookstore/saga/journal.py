"""What the engine writes: each event in one transaction, refused once another engine rules."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, func, insert, literal, select, update

from bookstore.kit.clock import Clock
from bookstore.kit.database import Session, prepare
from bookstore.saga.ports import (
    GOING,
    SagaNotFoundError,
    SagaNotStuckError,
    SagaRequest,
    State,
)
from bookstore.saga.progress import Event, Progress
from bookstore.saga.registry import Sagas
from bookstore.saga.store import SqlSagas
from bookstore.saga.tables import ENGINE, EVENT, SAGA

_FIRST_EPOCH = prepare(insert(ENGINE).values(id=literal(1), epoch=literal(1)))
_NEXT_EPOCH = prepare(update(ENGINE).values(epoch=ENGINE.c.epoch + 1))
_EPOCH = prepare(select(ENGINE.c.epoch))
_WRITE = prepare(
    insert(EVENT).from_select(
        [column.name for column in EVENT.c],
        select(*(bindparam(column.name, type_=column.type) for column in EVENT.c)).where(
            select(ENGINE.c.id).where(ENGINE.c.epoch == bindparam("epoch")).exists()
        ),
    )
)
_MOVE = prepare(
    update(SAGA)
    .where(SAGA.c.id == bindparam("saga_id"))
    .values(state=bindparam("state"), updated_at=bindparam("updated_at"))
)
_GOING = prepare(
    select(SAGA.c.id, SAGA.c.name, SAGA.c.version)
    .where(SAGA.c.state.in_([state.value for state in GOING]))
    .order_by(SAGA.c.created_at, SAGA.c.id)
)
_STUCK = prepare(select(SAGA.c.id).where(SAGA.c.state == State.STUCK.value))
_FIGURES = prepare(
    select(SAGA.c.state, func.count().label("count"), func.min(SAGA.c.created_at).label("oldest"))
    .where(SAGA.c.state.in_([*(state.value for state in GOING), State.STUCK.value]))
    .group_by(SAGA.c.state)
)


class FencedError(RuntimeError):
    """Another engine has taken over: this one must write nothing more."""


class Journal:
    """The engine's side of the tables, within one transaction."""

    def __init__(self, session: Session, sagas: Sagas, clock: Clock) -> None:
        self._session = session
        self._sagas = sagas
        self.log = SqlSagas(session, sagas, clock)

    def take_over(self) -> int:
        """Begin a new epoch, which fences off every engine before, and return it."""
        if self._session.run(_NEXT_EPOCH).rowcount == 0:
            self._session.run(_FIRST_EPOCH)
        epoch: int = self._session.run(_EPOCH).scalar()
        return epoch

    def join(self) -> int:
        """Return the epoch that has begun, for engines which write side by side."""
        found = self._session.run(_EPOCH).one_or_none()
        return self.take_over() if found is None else int(found.epoch)

    def going(self) -> list[str]:
        """Return the sagas which have to go on, oldest first; raises UnknownSagaError."""
        rows = self._session.run(_GOING).rows
        for name, version in {(row.name, row.version) for row in rows}:
            self._sagas.get(name, version)
        return [row.id for row in rows]

    def stuck(self) -> list[str]:
        """Return the sagas which wait for people."""
        return [row.id for row in self._session.run(_STUCK)]

    def figures(self) -> dict[State, tuple[int, datetime]]:
        """Return how many sagas are open in each state, and since when the oldest."""
        return {State(row.state): (row.count, row.oldest) for row in self._session.run(_FIGURES)}

    def write(self, epoch: int, progress: Progress, event: Event) -> None:
        """Add an event; raises FencedError if a newer epoch has begun."""
        written = self._session.run(
            _WRITE,
            saga_id=progress.saga_id,
            seq=event.seq,
            epoch=epoch,
            step=event.step,
            kind=event.kind,
            attempt=event.attempt,
            status=event.status.value,
            started_at=event.started_at,
            ended_at=event.ended_at,
            detail=event.detail,
            state=event.state.value,
            due=event.due,
        )
        if written.rowcount == 0:
            raise FencedError(f"epoch {epoch} is over: another engine runs the sagas")
        if event.state != progress.state:
            self._session.run(
                _MOVE,
                saga_id=progress.saga_id,
                state=event.state.value,
                updated_at=event.ended_at,
            )

    def move(
        self,
        epoch: int,
        saga_id: str,
        decide: Callable[[Progress], Event],
        then: SagaRequest | None = None,
    ) -> None:
        """Let staff move a stuck saga; raises SagaNotFoundError, SagaNotStuckError."""
        progress = self.log.progress(saga_id)
        if progress is None:
            raise SagaNotFoundError(f"there is no saga {saga_id}")
        if progress.state != State.STUCK:
            raise SagaNotStuckError(f"saga {saga_id} is {progress.state}, not stuck")
        self.write(epoch, progress, decide(progress))
        if then is not None:
            self.log.request(then)
