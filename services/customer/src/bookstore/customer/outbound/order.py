"""What customers ordered, as order knows it."""

from uuid import UUID

from grpc import aio

from bookstore.contracts.proto.order.v1 import order_pb2 as pb
from bookstore.contracts.proto.order.v1.order_pb2_grpc import OrderServiceStub
from bookstore.customer.application.ports import Orders, OrderSearch, Page, Slice
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.domain.purchase import Address, Item, Order, OrderStatus
from bookstore.customer.outbound.messages import instant, money, page_request, time_range

_STATUSES = {
    pb.ORDER_STATUS_PENDING: OrderStatus.PENDING,
    pb.ORDER_STATUS_PLACED: OrderStatus.PLACED,
    pb.ORDER_STATUS_PAID: OrderStatus.PAID,
    pb.ORDER_STATUS_CONFIRMED: OrderStatus.CONFIRMED,
    pb.ORDER_STATUS_SHIPPING: OrderStatus.SHIPPING,
    pb.ORDER_STATUS_COMPLETED: OrderStatus.COMPLETED,
    pb.ORDER_STATUS_CANCELLING: OrderStatus.CANCELLING,
    pb.ORDER_STATUS_CANCELLED: OrderStatus.CANCELLED,
}
_MESSAGES = {status: message for message, status in _STATUSES.items()}


class OrderOrders(Orders):
    """Asks the order service at the other end of the channel."""

    def __init__(self, channel: aio.Channel) -> None:
        self._orders = OrderServiceStub(channel)

    async def search(
        self, customer_id: CustomerId, search: OrderSearch, part: Slice
    ) -> Page[Order]:
        found = await self._orders.FindAllOrders(
            pb.FindAllOrdersRequest(
                page=page_request(part),
                user_id=str(customer_id),
                statuses=[] if search.status is None else [_MESSAGES[search.status]],
                created=time_range(search.created_from, search.created_to),
            )
        )
        cursor = found.next_cursor if found.HasField("next_cursor") else None
        return Page(found.total, [_order(message) for message in found.items], cursor)

    async def find(self, customer_id: CustomerId, order_id: UUID) -> Order:
        request = pb.FindOrderRequest(id=str(order_id), user_id=str(customer_id))
        return _order((await self._orders.FindOrder(request)).order)

    async def count_open(self, customer_id: CustomerId) -> int:
        request = pb.FindOpenOrdersRequest(user_id=str(customer_id))
        return (await self._orders.FindOpenOrders(request)).total


def _order(message: pb.Order) -> Order:
    return Order(
        id=UUID(message.id),
        number=message.number if message.HasField("number") else None,
        user_id=UUID(message.user_id),
        status=_STATUSES[message.status],
        items=tuple(map(_item, message.order_items)),
        total_price=money(message.total_price),
        reason=message.reason if message.HasField("reason") else None,
        shipping_address=(
            _address(message.shipping_address) if message.HasField("shipping_address") else None
        ),
        created_at=instant(message.created_at),
        updated_at=instant(message.updated_at),
    )


def _item(message: pb.OrderItem) -> Item:
    return Item(
        book_id=message.book_id,
        title=message.title,
        quantity=message.quantity,
        unit_price=money(message.unit_price),
        line_total=money(message.line_total),
    )


def _address(message: pb.ShippingAddress) -> Address:
    return Address(
        name=message.name,
        line1=message.line1,
        line2=message.line2 if message.HasField("line2") else None,
        city=message.city,
        region=message.region if message.HasField("region") else None,
        postal_code=message.postal_code if message.HasField("postal_code") else None,
        country=message.country,
    )
