"""Orders, asked of the order service."""

from grpc import aio

from bookstore.contracts.proto.order.v1.order_pb2 import FindOrderRequest, OrderStatus
from bookstore.contracts.proto.order.v1.order_pb2_grpc import OrderServiceStub
from bookstore.kit.errors import NotFoundError
from bookstore.payment.application.ports import Orders
from bookstore.payment.domain.payment import OrderId


class OrderServiceOrders(Orders):
    """Asks the order service at the other end of the channel."""

    def __init__(self, channel: aio.Channel) -> None:
        self._orders = OrderServiceStub(channel)

    async def is_over(self, order_id: OrderId) -> bool:
        try:
            found = await self._orders.FindOrder(FindOrderRequest(id=str(order_id)))
        except NotFoundError:
            return True
        return found.order.status == OrderStatus.ORDER_STATUS_CANCELLED
