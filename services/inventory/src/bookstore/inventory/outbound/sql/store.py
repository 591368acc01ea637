"""Everything that one unit of work sees and changes together."""

from collections.abc import Callable

from bookstore.inventory.application.ports import AnswerT, Key, Keys
from bookstore.inventory.outbound.sql.ledger import SqlLedger
from bookstore.inventory.outbound.sql.reservations import SqlReservations, SqlShortages
from bookstore.inventory.outbound.sql.stocks import SqlStocks
from bookstore.inventory.outbound.sql.warehouses import SqlWarehouses
from bookstore.inventory.outbound.tables import IDEMPOTENCY, INBOX
from bookstore.kit.database import Session
from bookstore.kit.idempotency import SqlIdempotency
from bookstore.saga.sql_inbox import SqlInbox

_IDEMPOTENCY = SqlIdempotency(IDEMPOTENCY)


class SqlKeys(Keys):
    """The table `idempotency`, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def once(self, key: Key, effect: Callable[[], AnswerT], kind: type[AnswerT]) -> AnswerT:
        return _IDEMPOTENCY.once(
            self._session,
            owner=key.owner,
            operation=key.operation,
            key=key.key,
            request=key.request,
            now=key.at,
            effect=effect,
            kind=kind,
        )


class SqlInventory:
    """Inventory's tables, as one transaction sees them; the saga's inbox is among them."""

    def __init__(self, session: Session) -> None:
        self.stocks = SqlStocks(session)
        self.ledger = SqlLedger(session)
        self.reservations = SqlReservations(session)
        self.shortages = SqlShortages(session)
        self.warehouses = SqlWarehouses(session)
        self.keys = SqlKeys(session)
        self.inbox = SqlInbox(session, INBOX)
