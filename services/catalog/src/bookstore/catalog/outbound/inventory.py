"""The stockroom, as inventory keeps it; asked over gRPC."""

from collections.abc import Collection, Mapping

from grpc import aio

from bookstore.catalog.application.ports import Figures, Stockroom
from bookstore.catalog.domain.book import BookId
from bookstore.contracts.proto.stock.v1 import stock_pb2 as pb
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import StockServiceStub
from bookstore.kit.errors import BookstoreError, UnavailableError

_FIND_WITHIN = 1.0  # seconds
_STOCK_WITHIN = 30.0
_AT_ONCE = 1000


class InventoryStockroom(Stockroom):
    """Asks stock.v1.StockService; what is stocked for an import goes to one warehouse."""

    def __init__(self, channel: aio.Channel, *, warehouse: str) -> None:
        self._stub = StockServiceStub(channel)
        self._warehouse = warehouse

    async def figures(self, book_ids: Collection[BookId]) -> Mapping[BookId, Figures]:
        try:
            found = await self._stub.FindStockFigures(
                pb.FindStockFiguresRequest(book_ids=book_ids), timeout=_FIND_WITHIN
            )
        except BookstoreError as error:  # whatever is wrong there, the catalogue goes on
            raise UnavailableError("inventory cannot be asked", retry_after=1) from error
        return {
            BookId(item.book_id): Figures(item.quantity, item.reserved_quantity)
            for item in found.items
        }

    async def stock(self, copies: Mapping[BookId, int]) -> int:
        items = [
            pb.StockedBook(book_id=book_id, quantity=quantity)
            for book_id, quantity in copies.items()
        ]
        stocked = 0
        for start in range(0, len(items), _AT_ONCE):
            part = pb.StockBooksRequest(
                items=items[start : start + _AT_ONCE], warehouse=self._warehouse
            )
            answer = await self._stub.StockBooks(part, timeout=_STOCK_WITHIN)
            stocked += len(answer.stocked_book_ids)
        return stocked
