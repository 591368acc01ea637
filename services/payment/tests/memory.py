"""Payment's store in memory, for its tests; one suite runs on it and on the real one."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from bookstore.kit import cursor
from bookstore.kit.errors import IdempotencyKeyReusedError
from bookstore.payment.application.ports import (
    ChangedMeanwhileError,
    Events,
    Orders,
    Page,
    PaymentQuery,
    Payments,
    RefundKeys,
    Refunds,
)
from bookstore.payment.domain.payment import OrderId, Payment, PaymentId, Status
from bookstore.payment.domain.refund import Refund, RefundId
from bookstore.saga.memory import MemoryInbox


class MemoryStore:
    def __init__(self) -> None:
        self.payments = MemoryPayments()
        self.refunds = MemoryRefunds(self.payments)
        self.events = MemoryEvents()
        self.keys = MemoryRefundKeys()
        self.inbox = MemoryInbox()


class MemoryPayments(Payments):
    def __init__(self) -> None:
        self.rows: dict[PaymentId, Payment] = {}

    def add(self, payment: Payment) -> None:
        self.rows[payment.id] = replace(payment)

    def get(self, payment_id: PaymentId) -> Payment | None:
        found = self.rows.get(payment_id)
        return None if found is None else replace(found)

    def of_order(self, order_id: OrderId) -> Payment | None:
        found = (row for row in self.rows.values() if row.order_id == order_id)
        return next(map(replace, found), None)

    def save(self, payment: Payment) -> None:
        if self.rows[payment.id].version != payment.version:
            raise ChangedMeanwhileError("the payment was changed meanwhile; try again")
        payment.version += 1
        self.rows[payment.id] = replace(payment)

    def page(self, query: PaymentQuery) -> Page[Payment]:
        rows = [row for row in self.rows.values() if _matches(row, query)]
        rows.sort(key=lambda row: _place(row, query.sort), reverse=query.descending)
        asked = {k: str(v) for k, v in asdict(replace(query, cursor=None, limit=0)).items()}
        begin = query.offset
        if query.cursor is not None:
            key: type[datetime | int] = int if query.sort == "amount" else datetime
            last = cursor.decode(asked, query.cursor, key, UUID)
            places = [_place(row, query.sort) for row in rows]
            passed = [p >= last if query.descending else p <= last for p in places]
            begin = passed.count(True)
        items = [replace(row) for row in rows[begin : begin + query.limit]]
        more = begin + query.limit < len(rows)
        after = cursor.encode(asked, *_place(items[-1], query.sort)) if more else None
        return Page(len(rows), items, after)

    def unsettled(self, before: datetime, limit: int) -> Sequence[Payment]:
        open_ = (Status.STARTED, Status.AUTHORISED)
        found = [
            row
            for row in self.rows.values()
            if row.status in open_ or (row.has_failed and row.released_at is None)
            if row.created_at < before
        ]
        return [replace(row) for row in sorted(found, key=lambda row: row.created_at)[:limit]]


class MemoryRefunds(Refunds):
    def __init__(self, payments: MemoryPayments) -> None:
        self.rows: dict[RefundId, Refund] = {}
        self._payments = payments

    def start(self, refund: Refund) -> bool:
        payment = self._payments.get(refund.payment_id)
        if (
            payment is None
            or payment.status is not Status.CAPTURED
            or payment.amount.currency != refund.amount.currency
        ):
            return False
        on_its_way = sum(row.amount.amount for row in self.open_of(payment.id))
        if on_its_way + refund.amount.amount > payment.refundable.amount:
            return False
        self.rows[refund.id] = replace(refund)
        return True

    def get(self, refund_id: RefundId) -> Refund | None:
        found = self.rows.get(refund_id)
        return None if found is None else replace(found)

    def under(self, network_key: str) -> Refund | None:
        found = (row for row in self.rows.values() if row.network_key == network_key)
        return next(map(replace, found), None)

    def save(self, refund: Refund) -> None:
        if self.rows[refund.id].version != refund.version:
            raise ChangedMeanwhileError("the refund was changed meanwhile; try again")
        refund.version += 1
        self.rows[refund.id] = replace(refund)

    def is_under_way(self, payment_id: PaymentId) -> bool:
        return bool(self.open_of(payment_id))

    def open_of(self, payment_id: PaymentId) -> Sequence[Refund]:
        return [replace(r) for r in self._of(payment_id) if r.is_open]

    def open_before(self, before: datetime, limit: int) -> Sequence[Refund]:
        found = [row for row in self.rows.values() if row.is_open and row.created_at < before]
        return [replace(row) for row in sorted(found, key=lambda row: row.created_at)[:limit]]

    def page(
        self, payment_id: PaymentId, *, sort: str, descending: bool, limit: int, offset: int
    ) -> Page[Refund]:
        rows = sorted(
            self._of(payment_id),
            key=lambda r: (r.amount.amount if sort == "amount" else r.created_at, str(r.id)),
            reverse=descending,
        )
        return Page(len(rows), [replace(row) for row in rows[offset : offset + limit]])

    def _of(self, payment_id: PaymentId) -> list[Refund]:
        return [row for row in self.rows.values() if row.payment_id == payment_id]


class MemoryEvents(Events):
    def __init__(self) -> None:
        self._known: set[str] = set()

    def remember(self, event_id: str, payment_id: PaymentId, now: datetime) -> bool:  # noqa: ARG002 — the port's
        new = event_id not in self._known
        self._known.add(event_id)
        return new


class MemoryRefundKeys(RefundKeys):
    def __init__(self) -> None:
        self._begun: dict[tuple[UUID | None, str], tuple[object, UUID]] = {}

    def once(
        self,
        *,
        owner: UUID | None,
        key: str,
        request: object,
        now: datetime,  # noqa: ARG002 — nothing is forgotten in a test
        begin: Callable[[], UUID],
    ) -> UUID:
        if (owner, key) not in self._begun:
            self._begun[owner, key] = (request, begin())
        first, refund_id = self._begun[owner, key]
        if first != request:
            raise IdempotencyKeyReusedError("this key was used for another request")
        return refund_id


class KnownOrders(Orders):
    """Knows which orders are over."""

    def __init__(self, *over: OrderId) -> None:
        self.over = set(over)

    async def is_over(self, order_id: OrderId) -> bool:
        return order_id in self.over


def _matches(row: Payment, query: PaymentQuery) -> bool:
    return (
        query.user_id in (None, row.user_id)
        and query.order_id in (None, row.order_id)
        and query.status in (None, row.status)
        and (query.created_from is None or query.created_from <= row.created_at)
        and (query.created_to is None or row.created_at < query.created_to)
    )


def _place(row: Payment, sort: str) -> tuple[datetime | int, PaymentId]:
    return row.amount.amount if sort == "amount" else row.created_at, row.id
