"""The gRPC API, for other services."""

from dataclasses import dataclass
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from bookstore.contracts.proto.common.v1.page_pb2 import PageRequest
from bookstore.contracts.proto.stock.v1 import stock_pb2 as pb
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import StockServiceServicer
from bookstore.inventory.application.look import Look
from bookstore.inventory.application.ports import Slice, StockSearch
from bookstore.inventory.application.stock_many import StockBooks
from bookstore.inventory.domain.stock import MOST, BookId, Stock, StockId
from bookstore.kit.errors import InvalidError
from bookstore.kit.rpc import part_of

_SORTS = frozenset({"created_at", "updated_at", "book_id", "warehouse_id", "quantity"})
_AT_ONCE = 1000


class CallInvalidError(InvalidError):
    """Another service asked for something that does not exist."""

    code = "call-invalid"


@dataclass(frozen=True, slots=True)
class StockService(StockServiceServicer):
    """Answers for stock.v1.StockService."""

    look: Look
    stock_books: StockBooks

    async def FindAllStocks(
        self, request: pb.FindAllStocksRequest, _context: object
    ) -> pb.FindAllStocksResponse:
        search = StockSearch(
            book_id=request.book_id if request.HasField("book_id") else None,
            warehouse_id=request.warehouse_id if request.HasField("warehouse_id") else None,
        )
        page = await self.look.stocks(search, _part(request.page))
        return pb.FindAllStocksResponse(total=page.total, items=map(_message, page.items))

    async def FindStock(
        self, request: pb.FindStockRequest, _context: object
    ) -> pb.FindStockResponse:
        return pb.FindStockResponse(stock=_message(await self.look.stock(StockId(request.id))))

    async def FindStockFigures(
        self, request: pb.FindStockFiguresRequest, _context: object
    ) -> pb.FindStockFiguresResponse:
        _refuse_crowds(len(request.book_ids))
        figures = await self.look.figures([BookId(book_id) for book_id in request.book_ids])
        return pb.FindStockFiguresResponse(
            items=[
                pb.StockFigures(
                    book_id=one.book_id, quantity=one.quantity, reserved_quantity=one.reserved
                )
                for one in figures
            ]
        )

    async def StockBooks(
        self, request: pb.StockBooksRequest, _context: object
    ) -> pb.StockBooksResponse:
        _refuse_crowds(len(request.items))
        if any(not 0 <= item.quantity <= MOST for item in request.items):
            raise CallInvalidError(f"0 to {MOST} copies of a book can be stocked")
        copies = [(BookId(item.book_id), item.quantity) for item in request.items]
        stocked = await self.stock_books(copies, request.warehouse)
        return pb.StockBooksResponse(stocked_book_ids=sorted(stocked))


def _part(page: PageRequest) -> Slice:
    part = part_of(page, _SORTS, has_cursors=False)
    return Slice(sort=part.sort, descending=part.descending, limit=part.limit, offset=part.offset)


def _refuse_crowds(count: int) -> None:
    if count > _AT_ONCE:
        raise CallInvalidError(f"{_AT_ONCE} books can be asked for at once, not {count}")


def _message(stock: Stock) -> pb.Stock:
    return pb.Stock(
        id=stock.id,
        book_id=stock.book_id,
        warehouse_id=stock.warehouse_id,
        quantity=stock.quantity,
        reserved_quantity=stock.reserved,
        created_at=_timestamp(stock.created_at),
        updated_at=_timestamp(stock.updated_at),
        version=stock.version,
    )


def _timestamp(instant: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp
