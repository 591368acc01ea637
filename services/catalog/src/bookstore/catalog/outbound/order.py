"""What was sold, as order knows it; asked over gRPC."""

from grpc import aio

from bookstore.catalog.application.ports import Sales
from bookstore.catalog.domain.book import BookId
from bookstore.contracts.proto.order.v1 import order_pb2 as pb
from bookstore.contracts.proto.order.v1.order_pb2_grpc import OrderServiceStub


class OrderSales(Sales):
    """Asks order.v1.OrderService."""

    def __init__(self, channel: aio.Channel) -> None:
        self._stub = OrderServiceStub(channel)

    async def ordered(self, book_id: BookId) -> bool:
        found = await self._stub.FindOrderedBooks(pb.FindOrderedBooksRequest(book_ids=[book_id]))
        return book_id in found.book_ids
