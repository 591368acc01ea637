"""What the engine on Conductor reads and writes in the order database, within one transaction.

A request is a row of `saga`, written with what it is about; a lease says which process looks
after it, and which workflow it became. The journal is the embedded engine's, but several
processes may write it: the number of an event is taken once, so the slower one's write fails.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, insert, or_, select, update

from bookstore.kit.clock import Clock
from bookstore.kit.database import Session, UniqueViolation, prepare
from bookstore.saga.conductor.client import Json
from bookstore.saga.conductor.history import OF_WORKFLOWS, Known, Row, news
from bookstore.saga.conductor.tables import LEASE
from bookstore.saga.journal import Journal
from bookstore.saga.ports import GOING, Status
from bookstore.saga.progress import Event, Progress
from bookstore.saga.registry import Sagas
from bookstore.saga.tables import EVENT, SAGA

_NO_ATTEMPT: Final = frozenset({Status.RETRIED, Status.ABANDONED, Status.SETTLED})

_FREE = prepare(
    select(SAGA.c.id, LEASE.c.holder, LEASE.c.held_until, LEASE.c.workflow_id)
    .select_from(SAGA.outerjoin(LEASE, LEASE.c.saga_id == SAGA.c.id))
    .where(SAGA.c.state.in_([state.value for state in GOING]))
    .where(
        or_(
            LEASE.c.holder.is_(None),
            LEASE.c.held_until <= bindparam("now", type_=LEASE.c.held_until.type),
            LEASE.c.holder == bindparam("holder"),
        )
    )
    .order_by(SAGA.c.created_at, SAGA.c.id)
    .limit(bindparam("most"))
)
_TAKE = prepare(insert(LEASE).values({c: bindparam(c.name) for c in LEASE.c}))
_TAKE_OVER = prepare(
    update(LEASE)
    .where(LEASE.c.saga_id == bindparam("id"), LEASE.c.held_until == bindparam("was_held_until"))
    .values(holder=bindparam("holder"), held_until=bindparam("held_until"))
)
_BIND = prepare(
    update(LEASE)
    .where(LEASE.c.saga_id == bindparam("id"))
    .values(workflow_id=bindparam("workflow_id"))
)
_WORKFLOW = prepare(select(LEASE.c.workflow_id).where(LEASE.c.saga_id == bindparam("id")))
_KNOWN = prepare(
    select(EVENT.c.step, EVENT.c.kind, EVENT.c.status, EVENT.c.detail).where(
        EVENT.c.saga_id == bindparam("id")
    )
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A saga to look after; `is_new` if nobody can have started a workflow for it yet."""

    saga_id: str
    workflow_id: str | None
    is_new: bool


class Desk(Journal):
    """The journal, and the leases beside it."""

    def __init__(self, session: Session, sagas: Sagas, clock: Clock) -> None:
        super().__init__(session, sagas, clock)
        self._clock = clock

    def claim(self, holder: str, lease: timedelta, most: int) -> list[Claim]:
        """Take, or keep, the sagas that nobody else looks after, the oldest first."""
        now = self._clock.now()
        rows = self._session.run(_FREE, now=now, holder=holder, most=most).rows
        return [
            Claim(row.id, row.workflow_id, is_new=row.holder is None)
            for row in rows
            if (row.holder == holder and row.held_until > now + lease / 2)
            or self._take(row.id, row.held_until, holder, now + lease)
        ]

    def bind(self, saga_id: str, workflow_id: str) -> None:
        """Write down which workflow a saga is."""
        self._session.run(_BIND, id=saga_id, workflow_id=workflow_id)

    def workflow(self, saga_id: str) -> str | None:
        """Return the workflow that a saga became, if it has."""
        found: str | None = self._session.run(_WORKFLOW, id=saga_id).scalar()
        return found

    def known(self, saga_id: str) -> Known:
        """Return which attempts are written down."""
        attempts: Counter[Row] = Counter()
        settled: set[Row] = set()
        for row in self._session.run(_KNOWN, id=saga_id):
            if row.status == Status.SETTLED:
                settled.add((row.step, row.kind))
            elif row.status not in _NO_ATTEMPT and row.detail.get("code") not in OF_WORKFLOWS:
                attempts[row.step, row.kind] += 1
        return Known(attempts, frozenset(settled))

    def look(self, saga_id: str) -> tuple[Progress, Known] | None:
        """Return how far a saga has come, if there is one."""
        progress = self.log.progress(saga_id)
        return None if progress is None else (progress, self.known(saga_id))

    def copy(self, epoch: int, saga_id: str, flow: Json) -> tuple[Progress, list[Event]]:
        """Write down what is new of a workflow; raises FencedError, UniqueViolation."""
        found = self.look(saga_id)
        if found is None:
            raise LookupError(f"there is no saga {saga_id}")
        progress, known = found
        written = []
        for event in news(progress, flow, known):
            self.write(epoch, progress, event)
            written.append(event)
        return progress, written

    def _take(
        self, saga_id: str, held_until: datetime | None, holder: str, until: datetime
    ) -> bool:
        if held_until is not None:
            changed = self._session.run(
                _TAKE_OVER,
                id=saga_id,
                was_held_until=held_until,
                holder=holder,
                held_until=until,
            )
            return changed.rowcount == 1
        try:
            self._session.run(
                _TAKE, saga_id=saga_id, holder=holder, held_until=until, workflow_id=None
            )
        except UniqueViolation:  # somebody was faster
            return False
        return True
