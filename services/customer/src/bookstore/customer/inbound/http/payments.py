"""/api/v1/customers/{id}/payments: how a customer paid."""

from dataclasses import dataclass
from uuid import UUID

from bookstore.contracts.openapi import customer as api
from bookstore.customer.application.look_at_purchases import LookAtPurchases
from bookstore.customer.application.ports import PaymentSearch
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.domain.purchase import Payment
from bookstore.customer.inbound.http.asked import money_document, part_of
from bookstore.kit.caller import Caller


@dataclass(frozen=True, slots=True)
class PaymentsController(api.CustomerPaymentsApi):
    """Shows customers their own payments, and staff anybody's."""

    look: LookAtPurchases

    async def list_customer_payments(
        self, caller: Caller, customer_id: UUID, query: api.ListCustomerPaymentsQuery, /
    ) -> api.CustomerPaymentPage:
        search = PaymentSearch(
            order_id=query.order_id,
            created_from=query.created_from,
            created_to=query.created_to,
        )
        part = part_of(query, query.cursor)
        page = await self.look.payments(caller, CustomerId(customer_id), search, part)
        return api.CustomerPaymentPage(
            total=page.total,
            items=[_document(payment) for payment in page.items],
            next_cursor=page.next_cursor,
        )

    async def get_customer_payment(
        self, caller: Caller, customer_id: UUID, payment_id: UUID, /
    ) -> api.CustomerPayment:
        return _document(await self.look.payment(caller, CustomerId(customer_id), payment_id))


def _document(payment: Payment) -> api.CustomerPayment:
    return api.CustomerPayment(
        id=payment.id,
        order_id=payment.order_id,
        user_id=payment.user_id,
        payment_type=api.CustomerPaymentType.CARD,
        card_token=payment.card_token,
        status=api.CustomerPaymentStatus(payment.status),
        amount=money_document(payment.amount),
        captured_amount=money_document(payment.captured_amount),
        refunded_amount=money_document(payment.refunded_amount),
        settled_amount=money_document(payment.settled_amount),
        reason=payment.reason,
        payment_date=payment.payment_date,
        created_at=payment.created_at,
        updated_at=payment.updated_at,
        version=payment.version,
    )
