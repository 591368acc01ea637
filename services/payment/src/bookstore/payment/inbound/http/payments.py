"""/api/v1/payments: looking at payments."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.contracts.openapi import payment as api
from bookstore.kit.caller import Caller
from bookstore.kit.cursor import skipped
from bookstore.payment.application.find_payments import FindPayments
from bookstore.payment.application.ports import PaymentQuery
from bookstore.payment.domain.payment import OrderId, PaymentId, Status, UserId
from bookstore.payment.inbound.http.documents import payment_document


@dataclass(frozen=True, slots=True)
class PaymentsController(api.PaymentsApi):
    """Answers for the payments of the contract."""

    find: FindPayments

    async def list_payments(
        self, caller: Caller, query: api.ListPaymentsQuery, /
    ) -> api.PaymentPage:
        page = await self.find.page(
            caller,
            PaymentQuery(
                user_id=None if query.user_id is None else UserId(query.user_id),
                order_id=None if query.order_id is None else OrderId(query.order_id),
                status=None if query.status is None else Status(query.status),
                created_from=query.created_from,
                created_to=query.created_to,
                sort=query.sort.value,
                descending=query.order is api.SortOrder.DESC,
                limit=query.limit,
                offset=skipped(query.offset, query.cursor),
                cursor=query.cursor,
            ),
        )
        return api.PaymentPage(
            total=page.total,
            items=[payment_document(payment) for payment in page.items],
            next_cursor=page.next_cursor,
        )

    async def get_payment(self, caller: Caller, payment_id: UUID, /) -> api.Payment:
        return payment_document(await self.find.get(caller, PaymentId(payment_id)))
