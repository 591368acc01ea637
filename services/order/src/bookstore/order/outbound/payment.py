"""What of an order's money was settled outside, kept by the payment service."""

from grpc import aio

from bookstore.contracts.proto.payment.v1.payment_pb2 import SettleOutsideRequest
from bookstore.contracts.proto.payment.v1.payment_pb2_grpc import PaymentServiceStub
from bookstore.order.application.ports import Settlements
from bookstore.order.domain.order import OrderId


class PaymentSettlements(Settlements):
    """Tells payment at the other end of the channel."""

    def __init__(self, channel: aio.Channel) -> None:
        self._payments = PaymentServiceStub(channel)

    async def settle(self, order_id: OrderId) -> None:
        await self._payments.SettleOutside(SettleOutsideRequest(order_id=str(order_id)))
