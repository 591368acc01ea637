"""All that one transaction of ordering may change together, in a SQL database."""

from collections.abc import Callable
from datetime import datetime

from bookstore.kit.database import Session
from bookstore.kit.idempotency import SqlIdempotency
from bookstore.order.application.ports import Keys
from bookstore.order.outbound.sql_orders import SqlOrders
from bookstore.order.outbound.sql_purchases import SqlPurchases
from bookstore.order.outbound.tables import IDEMPOTENCY, INBOX
from bookstore.order.saga import SAGAS
from bookstore.saga.sql_inbox import SqlInbox
from bookstore.saga.store import SqlSagas

_IDEMPOTENCY = SqlIdempotency(IDEMPOTENCY)


class SqlOrderStore:
    """The tables of ordering, as one transaction sees them."""

    def __init__(self, session: Session) -> None:
        self.orders = SqlOrders(session)
        self.purchases = SqlPurchases(session)
        self.keys = SqlKeys(session)
        self.sagas = SqlSagas(session, SAGAS)
        self.inbox = SqlInbox(session, INBOX)


class SqlKeys(Keys):
    """The table of Idempotency-Keys, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def once(  # noqa: PLR0913 — as the port has it
        self,
        *,
        owner: str,
        operation: str,
        key: str | None,
        request: object,
        now: datetime,
        effect: Callable[[], str],
    ) -> str:
        return _IDEMPOTENCY.once(
            self._session,
            owner=owner,
            operation=operation,
            key=key,
            request=request,
            now=now,
            effect=effect,
            kind=str,
        )
