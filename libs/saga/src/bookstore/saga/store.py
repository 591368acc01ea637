"""Sagas in a SQL database: asked for, looked at, and written down by the engine."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, select

from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import Prepared, Session, UniqueViolation, among, prepare
from bookstore.saga.ports import (
    GOING,
    UNSUCCESSFUL,
    SagaExistsError,
    SagaLog,
    SagaRequest,
    SagaRequests,
    SagaSummary,
    SagaView,
    State,
    Status,
)
from bookstore.saga.progress import Event, Progress, standing, timeline
from bookstore.saga.registry import Sagas
from bookstore.saga.tables import EVENT, SAGA

_ADD = prepare(insert(SAGA).values({c: bindparam(c.name) for c in SAGA.c}))
_ONE = prepare(select(SAGA).where(SAGA.c.id == bindparam("id")))
_EVENTS = prepare(
    select(EVENT).where(among(EVENT.c.saga_id, "ids")).order_by(EVENT.c.saga_id, EVENT.c.seq)
)
_FAILED = EVENT.c.status.in_(sorted(UNSUCCESSFUL))
_NEWEST = (
    select(EVENT.c.saga_id, func.max(EVENT.c.seq).label("seq"))
    .where(among(EVENT.c.saga_id, "ids"))
    .group_by(EVENT.c.saga_id, _FAILED)
    .subquery()
)
_LAST = prepare(  # of each saga the last event, and the last that went wrong
    select(EVENT)
    .join(_NEWEST, and_(EVENT.c.saga_id == _NEWEST.c.saga_id, EVENT.c.seq == _NEWEST.c.seq))
    .order_by(EVENT.c.saga_id, EVENT.c.seq)
)


class SqlSagas(SagaRequests, SagaLog):
    """The tables of sagas, as one transaction sees them."""

    def __init__(self, session: Session, sagas: Sagas, clock: Clock | None = None) -> None:
        self._session = session
        self._sagas = sagas
        self._clock = clock or SystemClock()

    def request(self, request: SagaRequest) -> None:
        saga = self._sagas.newest(request.name)
        now = self._clock.now()
        try:
            self._session.run(
                _ADD,
                id=request.saga_id,
                name=saga.name,
                version=saga.version,
                subject=request.subject,
                state=State.REQUESTED.value,
                input=request.input,
                traceparent=request.traceparent,
                deadline=now + timedelta(seconds=saga.patience),
                created_at=now,
                updated_at=now,
            )
        except UniqueViolation as error:
            raise SagaExistsError(f"saga {request.saga_id} was asked for before") from error

    def find(self, saga_id: str) -> SagaView | None:
        row = self._session.run(_ONE, id=saga_id).one_or_none()
        return None if row is None else self._views([row])[0]

    def newest(self, subject: str, name: str | None = None) -> SagaView | None:
        rows = self._session.run(_newest(named=name is not None), subject=subject, name=name).rows
        return self._views(rows)[0] if rows else None

    def page(
        self, *, state: State | None, created_before: datetime | None, limit: int, offset: int
    ) -> tuple[int, list[SagaSummary]]:
        count, rows = _page(in_state=state is not None, dated=created_before is not None)
        filters = {"state": state and state.value, "created_before": created_before}
        total = self._session.run(count, **filters).scalar()
        found = self._session.run(rows, **filters, limit=limit, offset=offset).rows
        last = self._events(found, _LAST)
        return total, [self._summary(row, last.get(row.id, [])) for row in found]

    def progress(self, saga_id: str) -> Progress | None:
        """Return how far a saga has come, if there is one; raises UnknownSagaError."""
        row = self._session.run(_ONE, id=saga_id).one_or_none()
        if row is None:
            return None
        events = self._events([row]) if row.state != State.REQUESTED else {}
        return self._folded(row, events.get(row.id, ()))

    def _views(self, rows: list[Any]) -> list[SagaView]:
        events = self._events(rows)
        return [self._view(row, events.get(row.id, [])) for row in rows]

    def _view(self, row: Any, events: list[Event]) -> SagaView:  # noqa: ANN401 — a row
        # A saga that has ended may be of a version which nobody knows any more. One that goes on
        # may have ended meanwhile: outside a snapshot its events are read a moment later.
        progress = self._folded(row, events) if row.state in GOING else None
        return SagaView(
            saga_id=row.id,
            name=row.name,
            version=row.version,
            subject=row.subject,
            state=State(row.state) if progress is None else progress.state,
            created_at=row.created_at,
            updated_at=row.updated_at,
            deadline=row.deadline,
            timeline=timeline(progress, events, self._clock.now()),
        )

    def _summary(self, row: Any, last: list[Event]) -> SagaSummary:  # noqa: ANN401 — a row
        step = last[-1].step if last else None
        if last and row.state in GOING and last[-1].state in GOING:
            step = standing(self._sagas.get(row.name, row.version), last[-1])
        errors = [event.detail["code"] for event in last if event.status in UNSUCCESSFUL]
        return SagaSummary(
            saga_id=row.id,
            name=row.name,
            version=row.version,
            subject=row.subject,
            state=State(row.state),
            step=step,
            error=errors[-1] if errors else None,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    def _folded(self, row: Any, events: Iterable[Event]) -> Progress:  # noqa: ANN401 — a row
        progress = Progress(
            saga_id=row.id,
            saga=self._sagas.get(row.name, row.version),
            input=row.input,
            workflow_id=row.id,
            traceparent=row.traceparent,
        )
        for event in events:
            progress.apply(event)
        return progress

    def _events(self, rows: list[Any], which: Prepared = _EVENTS) -> dict[str, list[Event]]:
        events: dict[str, list[Event]] = {}
        for row in self._session.run(which, ids=[row.id for row in rows]):
            events.setdefault(row.saga_id, []).append(_event(row))
        return events


def _event(row: Any) -> Event:  # noqa: ANN401 — a row
    return Event(
        seq=row.seq,
        step=row.step,
        kind=row.kind,
        attempt=row.attempt,
        status=Status(row.status),
        started_at=row.started_at,
        ended_at=row.ended_at,
        detail=row.detail,
        state=State(row.state),
        due=row.due,
    )


@cache
def _newest(*, named: bool) -> Prepared:
    query = select(SAGA).where(SAGA.c.subject == bindparam("subject"))
    if named:
        query = query.where(SAGA.c.name == bindparam("name"))
    return prepare(query.order_by(SAGA.c.created_at.desc(), SAGA.c.id.desc()).limit(1))


@cache
def _page(*, in_state: bool, dated: bool) -> tuple[Prepared, Prepared]:
    conditions = []
    if in_state:
        conditions.append(SAGA.c.state == bindparam("state"))
    if dated:
        conditions.append(SAGA.c.created_at < bindparam("created_before"))
    count = select(func.count()).select_from(SAGA).where(*conditions)
    rows = select(SAGA).where(*conditions).order_by(SAGA.c.created_at, SAGA.c.id)
    return prepare(count), prepare(rows.limit(bindparam("limit")).offset(bindparam("offset")))
