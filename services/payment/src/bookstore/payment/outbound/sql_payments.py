"""Payments in a SQL database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select, update

from bookstore.kit.database import Session, prepare
from bookstore.kit.money import Money
from bookstore.payment.application.ports import (
    ChangedMeanwhileError,
    Page,
    PaymentQuery,
    Payments,
)
from bookstore.payment.domain.payment import (
    OrderId,
    Payment,
    PaymentId,
    PaymentType,
    Status,
    UserId,
)
from bookstore.payment.outbound import search
from bookstore.payment.outbound.tables import PAYMENT

_CHANGING = (
    "captured_amount",
    "refunded_amount",
    "settled_amount",
    "status",
    "reason",
    "payment_date",
    "deadline",
    "updated_at",
    "released_at",
)
_UNSETTLED = or_(
    *(PAYMENT.c.status == s.value for s in (Status.STARTED, Status.AUTHORISED)),
    *(
        and_(PAYMENT.c.status == s.value, PAYMENT.c.released_at.is_(None))
        for s in (Status.DECLINED, Status.VOIDED)
    ),
)

_ADD = prepare(insert(PAYMENT).values({c: bindparam(c.name) for c in PAYMENT.c}))
_GET = prepare(select(PAYMENT).where(PAYMENT.c.id == bindparam("id")))
_OF_ORDER = prepare(select(PAYMENT).where(PAYMENT.c.order_id == bindparam("order_id")))
_SAVE = prepare(
    update(PAYMENT)
    .where(PAYMENT.c.id == bindparam("payment_id"), PAYMENT.c.version == bindparam("seen"))
    .values(version=PAYMENT.c.version + 1, **{name: bindparam(name) for name in _CHANGING})
)
_LEFT_BEHIND = prepare(
    select(PAYMENT)
    .where(_UNSETTLED, PAYMENT.c.created_at < bindparam("before"))
    .order_by(PAYMENT.c.created_at)
    .limit(bindparam("limit"))
)


class SqlPayments(Payments):
    """The table of payments, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, payment: Payment) -> None:
        self._session.run(
            _ADD,
            id=payment.id,
            order_id=payment.order_id,
            user_id=payment.user_id,
            network_key=payment.network_key,
            payment_type=payment.payment_type.value,
            card_token=payment.card_token,
            currency=payment.amount.currency,
            amount=payment.amount.amount,
            created_at=payment.created_at,
            version=payment.version,
            **_changing(payment),
        )

    def get(self, payment_id: PaymentId) -> Payment | None:
        row = self._session.run(_GET, id=payment_id).one_or_none()
        return None if row is None else _payment(row)

    def of_order(self, order_id: OrderId) -> Payment | None:
        row = self._session.run(_OF_ORDER, order_id=order_id).one_or_none()
        return None if row is None else _payment(row)

    def save(self, payment: Payment) -> None:
        saved = self._session.run(
            _SAVE, payment_id=payment.id, seen=payment.version, **_changing(payment)
        )
        if not saved.rowcount:
            raise ChangedMeanwhileError("the payment was changed meanwhile; try again")
        payment.version += 1

    def page(self, query: PaymentQuery) -> Page[Payment]:
        total, rows, next_cursor = search.page(self._session, query)
        return Page(total, [_payment(row) for row in rows], next_cursor)

    def unsettled(self, before: datetime, limit: int) -> Sequence[Payment]:
        return [
            _payment(row) for row in self._session.run(_LEFT_BEHIND, before=before, limit=limit)
        ]


def _changing(payment: Payment) -> dict[str, object]:
    return {
        "captured_amount": payment.captured.amount,
        "refunded_amount": payment.refunded.amount,
        "settled_amount": payment.settled.amount,
        "status": payment.status.value,
        "reason": payment.reason,
        "payment_date": payment.payment_date,
        "deadline": payment.deadline,
        "updated_at": payment.updated_at,
        "released_at": payment.released_at,
    }


def _payment(row: Any) -> Payment:  # noqa: ANN401 — a row of the table above
    return Payment(
        id=PaymentId(row.id),
        order_id=OrderId(row.order_id),
        user_id=UserId(row.user_id),
        network_key=row.network_key,
        payment_type=PaymentType(row.payment_type),
        card_token=row.card_token,
        amount=Money(row.amount, row.currency),
        captured=Money(row.captured_amount, row.currency),
        refunded=Money(row.refunded_amount, row.currency),
        settled=Money(row.settled_amount, row.currency),
        status=Status(row.status),
        reason=row.reason,
        payment_date=row.payment_date,
        deadline=row.deadline,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        released_at=row.released_at,
    )
