"""Refunds in a SQL database."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bookstore.kit.database import Prepared, Session, prepare
from bookstore.kit.money import Money
from bookstore.payment.application.ports import ChangedMeanwhileError, Page, Refunds
from bookstore.payment.domain.payment import PaymentId, Status
from bookstore.payment.domain.refund import Refund, RefundId, RefundStatus
from bookstore.payment.outbound.tables import PAYMENT, REFUND

_OPEN = REFUND.c.status == RefundStatus.STARTED.value
_OF_PAYMENT = REFUND.c.payment_id == bindparam("payment_id")

# Refunded + started + this must not exceed what was captured: decided where it is inserted, one
# refund of a payment after the other.
_HOLD = prepare(
    select(PAYMENT.c.id).where(PAYMENT.c.id == bindparam("payment_id")).with_for_update()
)
_ON_ITS_WAY = (
    select(func.coalesce(func.sum(REFUND.c.amount), 0))
    .where(REFUND.c.payment_id == PAYMENT.c.id, _OPEN)
    .correlate(PAYMENT)
    .scalar_subquery()
)
_START = prepare(
    insert(REFUND).from_select(
        [column.name for column in REFUND.c],
        select(*(bindparam(column.name, type_=column.type) for column in REFUND.c))
        .select_from(PAYMENT)
        .where(
            PAYMENT.c.id == bindparam("payment_id"),
            PAYMENT.c.status == Status.CAPTURED.value,
            PAYMENT.c.currency == bindparam("currency"),
            PAYMENT.c.refunded_amount
            + PAYMENT.c.settled_amount
            + _ON_ITS_WAY
            + bindparam("amount")
            <= PAYMENT.c.captured_amount,
        ),
    )
)
_GET = prepare(select(REFUND).where(REFUND.c.id == bindparam("id")))
_UNDER = prepare(select(REFUND).where(REFUND.c.network_key == bindparam("network_key")))
_SAVE = prepare(
    update(REFUND)
    .where(REFUND.c.id == bindparam("refund_id"), REFUND.c.version == bindparam("seen"))
    .values(
        status=bindparam("status"),
        updated_at=bindparam("updated_at"),
        version=REFUND.c.version + 1,
    )
)
_OPEN_BEFORE = prepare(
    select(REFUND)
    .where(_OPEN, REFUND.c.created_at < bindparam("before"))
    .order_by(REFUND.c.created_at)
    .limit(bindparam("limit"))
)
_UNDER_WAY = prepare(select(REFUND.c.id).where(_OF_PAYMENT, _OPEN).limit(1))
_TOTAL = prepare(select(func.count()).select_from(REFUND).where(_OF_PAYMENT))


class SqlRefunds(Refunds):
    """The table of refunds, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def start(self, refund: Refund) -> bool:
        self._session.run(_HOLD, payment_id=refund.payment_id)
        started = self._session.run(
            _START,
            id=refund.id,
            payment_id=refund.payment_id,
            network_key=refund.network_key,
            currency=refund.amount.currency,
            amount=refund.amount.amount,
            status=refund.status.value,
            reason=refund.reason,
            created_at=refund.created_at,
            updated_at=refund.updated_at,
            version=refund.version,
        )
        return started.rowcount == 1

    def get(self, refund_id: RefundId) -> Refund | None:
        return _refund(self._session.run(_GET, id=refund_id).one_or_none())

    def under(self, network_key: str) -> Refund | None:
        return _refund(self._session.run(_UNDER, network_key=network_key).one_or_none())

    def is_under_way(self, payment_id: PaymentId) -> bool:
        self._session.run(_HOLD, payment_id=payment_id)
        return bool(self._session.run(_UNDER_WAY, payment_id=payment_id).rows)

    def save(self, refund: Refund) -> None:
        saved = self._session.run(
            _SAVE,
            refund_id=refund.id,
            seen=refund.version,
            status=refund.status.value,
            updated_at=refund.updated_at,
        )
        if not saved.rowcount:
            raise ChangedMeanwhileError("the refund was changed meanwhile; try again")
        refund.version += 1

    def open_before(self, before: datetime, limit: int) -> Sequence[Refund]:
        return _refunds(self._session.run(_OPEN_BEFORE, before=before, limit=limit).rows)

    def page(
        self, payment_id: PaymentId, *, sort: str, descending: bool, limit: int, offset: int
    ) -> Page[Refund]:
        total = self._session.run(_TOTAL, payment_id=payment_id).scalar()
        rows = self._session.run(
            _rows(sort, descending=descending), payment_id=payment_id, limit=limit, offset=offset
        ).rows
        return Page(total, _refunds(rows))


@cache
def _rows(sort: str, *, descending: bool) -> Prepared:
    columns = (REFUND.c[sort], REFUND.c.id)
    order = [column.desc() if descending else column.asc() for column in columns]
    found = select(REFUND).where(_OF_PAYMENT).order_by(*order)
    return prepare(found.limit(bindparam("limit")).offset(bindparam("offset")))


def _refunds(rows: Sequence[Any]) -> list[Refund]:
    return [refund for row in rows if (refund := _refund(row)) is not None]


def _refund(row: Any) -> Refund | None:  # noqa: ANN401 — a row of the table above
    if row is None:
        return None
    return Refund(
        id=RefundId(row.id),
        payment_id=PaymentId(row.payment_id),
        network_key=row.network_key,
        amount=Money(row.amount, row.currency),
        status=RefundStatus(row.status),
        reason=row.reason,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
