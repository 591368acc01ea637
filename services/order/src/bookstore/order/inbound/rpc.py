"""The gRPC API, for other services."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from bookstore.contracts.proto.common.v1.money_pb2 import Money as MoneyMessage
from bookstore.contracts.proto.order.v1 import order_pb2 as pb
from bookstore.contracts.proto.order.v1.order_pb2_grpc import OrderServiceServicer
from bookstore.kit.errors import InvalidError
from bookstore.kit.money import Money
from bookstore.kit.rpc import Part, part_of
from bookstore.order.application.find_orders import FindOrders
from bookstore.order.application.ports import Search, Sort
from bookstore.order.domain.address import ShippingAddress
from bookstore.order.domain.basket import BookId
from bookstore.order.domain.order import Order, OrderId, Status, UserId
from bookstore.order.inbound.paging import next_cursor, resumed

_STATUS = {status: pb.OrderStatus.Value(f"ORDER_STATUS_{status.name}") for status in Status}
_STATUSES = {number: status for status, number in _STATUS.items()}


@dataclass(frozen=True, slots=True)
class OrderService(OrderServiceServicer):
    """Answers for order.v1.OrderService."""

    find: FindOrders

    async def FindAllOrders(
        self, request: pb.FindAllOrdersRequest, _context: object
    ) -> pb.FindAllOrdersResponse:
        part = part_of(request.page, Sort, has_cursors=True)
        search = _search(request, part)
        page = await self.find.search_all(resumed(search, part.cursor))
        return pb.FindAllOrdersResponse(
            total=page.total,
            items=[_order(order) for order in page.orders],
            next_cursor=next_cursor(search, page),
        )

    async def FindOrder(
        self, request: pb.FindOrderRequest, _context: object
    ) -> pb.FindOrderResponse:
        user_id = UserId(_uuid(request.user_id)) if request.HasField("user_id") else None
        order = await self.find.of(OrderId(_uuid(request.id)), user_id)
        return pb.FindOrderResponse(order=_order(order))

    async def FindOpenOrders(
        self, request: pb.FindOpenOrdersRequest, _context: object
    ) -> pb.FindOpenOrdersResponse:
        total = await self.find.count_open(UserId(_uuid(request.user_id)))
        return pb.FindOpenOrdersResponse(total=total)

    async def FindOrderedBooks(
        self, request: pb.FindOrderedBooksRequest, _context: object
    ) -> pb.FindOrderedBooksResponse:
        found = await self.find.ever_ordered([BookId(book_id) for book_id in request.book_ids])
        return pb.FindOrderedBooksResponse(book_ids=found)


def _search(request: pb.FindAllOrdersRequest, part: Part) -> Search:
    created = request.created
    try:
        return Search(
            user_id=UserId(_uuid(request.user_id)) if request.HasField("user_id") else None,
            statuses=frozenset(_STATUSES[number] for number in request.statuses),
            since=_datetime(created.since) if created.HasField("since") else None,
            until=_datetime(created.until) if created.HasField("until") else None,
            sort=Sort(part.sort),
            ascending=not part.descending,
            limit=part.limit,
            offset=part.offset,
        )
    except (KeyError, ValueError) as error:
        raise InvalidError(f"that cannot be asked: {error}") from error


def _order(order: Order) -> pb.Order:
    address = order.shipping_address
    return pb.Order(
        id=str(order.id),
        number=order.number,
        user_id=str(order.user_id),
        status=_STATUS[order.status],
        order_items=[
            pb.OrderItem(
                book_id=line.book_id,
                title=line.title,
                quantity=line.quantity,
                unit_price=_money(line.unit_price),
                line_total=_money(line.line_total),
            )
            for line in order.lines
        ],
        total_price=_money(order.total),
        reason=order.reason,
        shipping_address=None if address is None else _address(address),
        created_at=_timestamp(order.created_at),
        updated_at=_timestamp(order.updated_at),
        version=order.version,
    )


def _address(address: ShippingAddress) -> pb.ShippingAddress:
    return pb.ShippingAddress(
        name=address.name,
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
    )


def _money(money: Money) -> MoneyMessage:
    return MoneyMessage(amount=money.amount, currency=money.currency)


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def _datetime(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidError(f"{text!r} is no UUID") from error
