"""/api/v1/payments/{id}/refunds: paying money back, and what was paid back."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.contracts.openapi import payment as api
from bookstore.kit.caller import Caller
from bookstore.kit.http import Reply
from bookstore.kit.money import Money
from bookstore.payment.application.find_payments import FindPayments
from bookstore.payment.application.refund_payment import PayRefund, RefundPayment
from bookstore.payment.domain.payment import PaymentId
from bookstore.payment.domain.refund import RefundId
from bookstore.payment.inbound.http.documents import refund_document

_CREATED, _ACCEPTED = 201, 202


@dataclass(frozen=True, slots=True)
class RefundsController(api.RefundsApi):
    """Answers for the refunds of the contract."""

    find: FindPayments
    pay_refund: PayRefund

    async def list_refunds(
        self, caller: Caller, payment_id: UUID, query: api.ListRefundsQuery, /
    ) -> api.RefundPage:
        page = await self.find.refunds(
            caller,
            PaymentId(payment_id),
            sort=query.sort.value,
            descending=query.order is api.SortOrder.DESC,
            limit=query.limit,
            offset=query.offset,
        )
        return api.RefundPage(total=page.total, items=[refund_document(r) for r in page.items])

    async def create_refund(
        self,
        caller: Caller,
        payment_id: UUID,
        header: api.CreateRefundHeader,
        body: api.NewRefund,
        /,
    ) -> Reply[api.Refund]:
        refund = await self.pay_refund(
            RefundPayment(
                payment_id=PaymentId(payment_id),
                amount=Money(body.amount.amount, body.amount.currency),
                reason=body.reason,
                by=caller.id,
                key=header.idempotency_key,
            )
        )
        return Reply(
            _ACCEPTED if refund.is_open else _CREATED,
            refund_document(refund),
            location=f"/api/v1/payments/{payment_id}/refunds/{refund.id}",
        )

    async def get_refund(self, caller: Caller, payment_id: UUID, refund_id: UUID, /) -> api.Refund:
        refund = await self.find.refund(caller, PaymentId(payment_id), RefundId(refund_id))
        return refund_document(refund)
