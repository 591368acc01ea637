"""The keys of purchases, and how these ended, in a SQL database."""

from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from bookstore.kit.database import Session, UniqueViolation, prepare
from bookstore.order.application.ports import KeyTakenError, Purchase, PurchaseKey, Purchases
from bookstore.order.domain.ending import Ending
from bookstore.order.domain.order import OrderId
from bookstore.order.outbound.tables import PURCHASE

_FIND = prepare(
    select(PURCHASE).where(
        PURCHASE.c.user_id == bindparam("user_id"),
        PURCHASE.c.idempotency_key == bindparam("idempotency_key"),
    )
)
_ADD = prepare(
    insert(PURCHASE).values(
        {column.name: bindparam(column.name) for column in PURCHASE.c if column.name != "ending"}
    )
)
_END = prepare(
    update(PURCHASE)
    .where(PURCHASE.c.order_id == bindparam("ended"), PURCHASE.c.ending.is_(None))
    .values(ending=bindparam("ending"))
)
_FORGET = prepare(delete(PURCHASE).where(PURCHASE.c.created_at < bindparam("before")))


class SqlPurchases(Purchases):
    """The table of keys, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, key: PurchaseKey) -> Purchase | None:
        row = self._session.run(_FIND, user_id=key.user_id, idempotency_key=key.key).one_or_none()
        if row is None:
            return None
        ending = None if row.ending is None else msgspec.convert(row.ending, Ending)
        return Purchase(
            key=key,
            fingerprint=row.fingerprint,
            order_id=row.order_id,
            trace_id=row.trace_id,
            created_at=row.created_at,
            ending=ending,
        )

    def add(self, purchase: Purchase) -> None:
        try:
            self._session.run(
                _ADD,
                user_id=purchase.key.user_id,
                idempotency_key=purchase.key.key,
                fingerprint=purchase.fingerprint,
                order_id=purchase.order_id,
                trace_id=purchase.trace_id,
                created_at=purchase.created_at,
            )
        except UniqueViolation as violation:
            raise KeyTakenError("this Idempotency-Key was used a moment ago") from violation

    def end(self, order_id: OrderId, ending: Ending) -> None:
        self._session.run(_END, ended=order_id, ending=ending)

    def forget(self, before: datetime) -> int:
        return self._session.run(_FORGET, before=before).rowcount
