"""Idempotency keys for simple writes: the answer is kept in the transaction of the effect.

For stocks, adjustments, refunds and cancellations. Placing an order has a record of its own,
whose answer comes later (order's application).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    Column,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
)

from bookstore.kit.database import Instant, Session, prepare
from bookstore.kit.errors import IdempotencyKeyReusedError

KEPT_FOR = timedelta(days=7)

AnswerT = TypeVar("AnswerT")


def idempotency_table(metadata: MetaData) -> Table:
    """Add the table `idempotency` to a service's tables."""
    return Table(
        "idempotency",
        metadata,
        Column("owner", String(64), nullable=False),
        Column("operation", String(64), nullable=False),
        Column("idempotency_key", String(255), nullable=False),
        Column("fingerprint", String(64), nullable=False),
        Column("answer", Text, nullable=False),
        Column("created_at", Instant, nullable=False, index=True),
        PrimaryKeyConstraint("owner", "operation", "idempotency_key"),
    )


def fingerprint(request: object) -> str:
    """Return what two requests have in common exactly if they say the same."""
    return blake2b(msgspec.json.encode(request, order="sorted"), digest_size=32).hexdigest()


class SqlIdempotency:
    """The keys of one service, within one unit of work."""

    def __init__(self, table: Table) -> None:
        key = [
            table.c[name] == bindparam(name) for name in ("owner", "operation", "idempotency_key")
        ]
        self._find = prepare(select(table.c.fingerprint, table.c.answer).where(*key))
        self._keep = prepare(
            insert(table).values({column.name: bindparam(column.name) for column in table.c})
        )
        self._forget = prepare(delete(table).where(table.c.created_at < bindparam("before")))

    def once(  # noqa: PLR0913 — a key has that many parts
        self,
        session: Session,
        *,
        owner: str,
        operation: str,
        key: str | None,
        request: object,
        now: datetime,
        effect: Callable[[], AnswerT],
        kind: type[AnswerT],
    ) -> AnswerT:
        """Do it, or return what came of it the first time; without a key, just do it.

        The answer must be something msgspec can encode, and decode as `kind`. Raises
        IdempotencyKeyReusedError if the key was used for another request.
        """
        if key is None:
            return effect()
        names = {"owner": owner, "operation": operation, "idempotency_key": key}
        mark = fingerprint(request)
        row = session.run(self._find, **names).one_or_none()
        if row is not None:
            if row.fingerprint != mark:
                raise IdempotencyKeyReusedError(
                    "this Idempotency-Key was used for another request"
                )
            return msgspec.json.decode(row.answer, type=kind)
        self.forget(session, now)
        answer = effect()
        text = msgspec.json.encode(answer).decode()
        values: dict[str, Any] = {"fingerprint": mark, "answer": text, "created_at": now}
        session.run(self._keep, **names, **values)
        return answer

    def forget(self, session: Session, now: datetime) -> int:
        """Delete the keys that are older than 7 days; return how many."""
        return session.run(self._forget, before=now - KEPT_FOR).rowcount
