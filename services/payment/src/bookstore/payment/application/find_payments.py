"""Finding payments and refunds: customers see their own, staff see all."""

from dataclasses import dataclass, replace

from bookstore.kit.caller import Caller
from bookstore.kit.errors import NotFoundError
from bookstore.kit.transaction import Transact
from bookstore.payment.application.ports import Page, PaymentQuery, Store
from bookstore.payment.domain.payment import OrderId, Payment, PaymentId, UserId
from bookstore.payment.domain.refund import Refund, RefundId


class PaymentNotFoundError(NotFoundError):
    """There is no such payment, or it is not yours."""

    code = "payment-not-found"


class RefundNotFoundError(NotFoundError):
    """There is no such refund of this payment."""

    code = "refund-not-found"


@dataclass(frozen=True, slots=True)
class FindPayments:
    """Answers questions about payments; what is somebody else's does not exist."""

    read: Transact[Store]

    async def page(self, caller: Caller, query: PaymentQuery) -> Page[Payment]:
        """Return a page of the payments that the caller may see; raises CursorInvalidError."""
        if not caller.is_staff:
            if caller.id is None:
                return Page(0, ())
            query = replace(query, user_id=UserId(caller.id))
        return await self.read(lambda store: store.payments.page(query))

    async def get(self, caller: Caller, payment_id: PaymentId) -> Payment:
        """Return the payment; raises PaymentNotFoundError."""
        return await self.read(lambda store: _visible(store, caller, payment_id))

    async def refunds(  # noqa: PLR0913 — a page has that many wishes
        self,
        caller: Caller,
        payment_id: PaymentId,
        *,
        sort: str = "created_at",
        descending: bool = True,
        limit: int = 10,
        offset: int = 0,
    ) -> Page[Refund]:
        """Return a page of the payment's refunds; raises PaymentNotFoundError."""

        def find(store: Store) -> Page[Refund]:
            _visible(store, caller, payment_id)
            return store.refunds.page(
                payment_id, sort=sort, descending=descending, limit=limit, offset=offset
            )

        return await self.read(find)

    async def refund(self, caller: Caller, payment_id: PaymentId, refund_id: RefundId) -> Refund:
        """Return one refund; raises PaymentNotFoundError or RefundNotFoundError."""

        def find(store: Store) -> Refund:
            _visible(store, caller, payment_id)
            refund = store.refunds.get(refund_id)
            if refund is None or refund.payment_id != payment_id:
                raise RefundNotFoundError("there is no such refund of this payment")
            return refund

        return await self.read(find)


def started_for(store: Store, order_id: OrderId) -> Payment:
    """Return the payment that was started for an order: none is ever deleted."""
    payment = store.payments.of_order(order_id)
    if payment is None:
        raise PaymentNotFoundError(f"the payment of order {order_id} is gone")
    return payment


def _visible(store: Store, caller: Caller, payment_id: PaymentId) -> Payment:
    payment = store.payments.get(payment_id)
    if payment is None or not (caller.is_staff or caller.owns(payment.user_id)):
        raise PaymentNotFoundError("there is no such payment")
    return payment
