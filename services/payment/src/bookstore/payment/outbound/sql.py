"""Payment's store: everything that one transaction may change."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert

from bookstore.kit.database import Session, UniqueViolation, prepare
from bookstore.kit.idempotency import SqlIdempotency
from bookstore.payment.application.ports import Events, RefundKeys
from bookstore.payment.domain.payment import PaymentId
from bookstore.payment.outbound.sql_payments import SqlPayments
from bookstore.payment.outbound.sql_refunds import SqlRefunds
from bookstore.payment.outbound.tables import EVENT, IDEMPOTENCY, INBOX
from bookstore.saga.sql_inbox import SqlInbox

_REMEMBER = prepare(insert(EVENT).values({c: bindparam(c.name) for c in EVENT.c}))
_KEYS = SqlIdempotency(IDEMPOTENCY)


class SqlStore:
    """A store of the tables, as one transaction sees them."""

    def __init__(self, session: Session) -> None:
        self.payments = SqlPayments(session)
        self.refunds = SqlRefunds(session)
        self.events = SqlEvents(session)
        self.keys = SqlRefundKeys(session)
        self.inbox = SqlInbox(session, INBOX)


class SqlEvents(Events):
    """The table of events."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def remember(self, event_id: str, payment_id: PaymentId, now: datetime) -> bool:
        try:
            self._session.run(_REMEMBER, event_id=event_id, payment_id=payment_id, received_at=now)
        except UniqueViolation:
            return False
        return True


class SqlRefundKeys(RefundKeys):
    """The table of idempotency keys."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def once(
        self,
        *,
        owner: UUID | None,
        key: str,
        request: object,
        now: datetime,
        begin: Callable[[], UUID],
    ) -> UUID:
        return _KEYS.once(
            self._session,
            owner=str(owner or ""),
            operation="refund",
            key=key,
            request=request,
            now=now,
            effect=begin,
            kind=UUID,
        )
