"""How customers paid, as payment knows it."""

from uuid import UUID

from grpc import aio

from bookstore.contracts.proto.payment.v1 import payment_pb2 as pb
from bookstore.contracts.proto.payment.v1.payment_pb2_grpc import PaymentServiceStub
from bookstore.customer.application.ports import Page, Payments, PaymentSearch, Slice
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.domain.purchase import Payment, PaymentStatus
from bookstore.customer.outbound.messages import instant, money, page_request, time_range

_STATUSES = {
    pb.PAYMENT_STATUS_STARTED: PaymentStatus.STARTED,
    pb.PAYMENT_STATUS_AUTHORISED: PaymentStatus.AUTHORISED,
    pb.PAYMENT_STATUS_CAPTURED: PaymentStatus.CAPTURED,
    pb.PAYMENT_STATUS_VOIDED: PaymentStatus.VOIDED,
    pb.PAYMENT_STATUS_REFUNDED: PaymentStatus.REFUNDED,
    pb.PAYMENT_STATUS_DECLINED: PaymentStatus.DECLINED,
}


class PaymentPayments(Payments):
    """Asks the payment service at the other end of the channel."""

    def __init__(self, channel: aio.Channel) -> None:
        self._payments = PaymentServiceStub(channel)

    async def search(
        self, customer_id: CustomerId, search: PaymentSearch, part: Slice
    ) -> Page[Payment]:
        found = await self._payments.FindAllPayments(
            pb.FindAllPaymentsRequest(
                page=page_request(part),
                user_id=str(customer_id),
                order_id=None if search.order_id is None else str(search.order_id),
                created=time_range(search.created_from, search.created_to),
            )
        )
        cursor = found.next_cursor if found.HasField("next_cursor") else None
        return Page(found.total, [_payment(message) for message in found.items], cursor)

    async def find(self, customer_id: CustomerId, payment_id: UUID) -> Payment:
        request = pb.FindPaymentRequest(id=str(payment_id), user_id=str(customer_id))
        return _payment((await self._payments.FindPayment(request)).payment)


def _payment(message: pb.Payment) -> Payment:
    return Payment(
        id=UUID(message.id),
        order_id=UUID(message.order_id),
        user_id=UUID(message.user_id),
        card_token=message.card_token,
        status=_STATUSES[message.status],
        amount=money(message.amount),
        captured_amount=money(message.captured_amount),
        refunded_amount=money(message.refunded_amount),
        settled_amount=money(message.settled_amount),
        reason=message.reason if message.HasField("reason") else None,
        payment_date=instant(message.payment_date) if message.HasField("payment_date") else None,
        created_at=instant(message.created_at),
        updated_at=instant(message.updated_at),
        version=message.version,
    )
