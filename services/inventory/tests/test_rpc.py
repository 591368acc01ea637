"""Inventory over gRPC: what other services ask of it, and what it asks of catalog."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest
from tests.harness.pages import IMPOSSIBLE_PAGES

from bookstore.contracts.proto.book.v1 import book_pb2
from bookstore.contracts.proto.book.v1.book_pb2_grpc import (
    BookServiceServicer,
    add_BookServiceServicer_to_server,
)
from bookstore.contracts.proto.common.v1.page_pb2 import SORT_ORDER_ASC, PageRequest
from bookstore.contracts.proto.stock.v1 import stock_pb2 as pb
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import StockServiceStub
from bookstore.inventory.app import open_inventory
from bookstore.inventory.domain.stock import BookId
from bookstore.inventory.outbound.catalog import CatalogBookList
from bookstore.inventory.settings import Settings
from bookstore.kit.errors import InvalidError, NotFoundError, UnavailableError
from bookstore.kit.rpc import Loopback

if TYPE_CHECKING:
    from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import StockServiceAsyncStub


class Catalog(BookServiceServicer):
    """Sells every book but 13, which is retired, and those above 2000, which never were."""

    def __init__(self, *, away: bool = False) -> None:
        self.asked: list[int] = []
        self.away = away

    async def FindAllBooks(self, *_: object) -> book_pb2.FindAllBooksResponse:
        raise AssertionError("nobody asks for all books")

    async def FindBook(self, *_: object) -> book_pb2.FindBookResponse:
        raise AssertionError("nobody asks for one book")

    async def FindPrices(
        self, request: book_pb2.FindPricesRequest, _context: object
    ) -> book_pb2.FindPricesResponse:
        if self.away:
            raise UnavailableError("not now")
        self.asked.append(len(request.book_ids))
        return book_pb2.FindPricesResponse(
            items=[
                book_pb2.BookPrice(book_id=book_id, retired=book_id == 13)
                for book_id in request.book_ids
                if book_id <= 2000
            ]
        )


@pytest.fixture
async def stocks() -> "AsyncGenerator[StockServiceAsyncStub]":
    """Return inventory's stub."""
    loopback = Loopback()
    settings = Settings(database_url="sqlite://")
    async with open_inventory(settings, catalog=loopback.channel) as service:
        for register in service.rpc:
            register(loopback.server)
        yield StockServiceStub(loopback.channel)


async def test_imported_books_are_stocked_once(stocks: "StockServiceAsyncStub") -> None:
    request = pb.StockBooksRequest(
        items=[pb.StockedBook(book_id=n, quantity=10) for n in (2, 1)], warehouse="Import"
    )

    first = await stocks.StockBooks(request)
    again = await stocks.StockBooks(request)

    assert list(first.stocked_book_ids) == [1, 2]
    assert list(again.stocked_book_ids) == []
    figures = await stocks.FindStockFigures(pb.FindStockFiguresRequest(book_ids=[1, 2, 3]))
    assert [(f.book_id, f.quantity, f.reserved_quantity) for f in figures.items] == [
        (1, 10, 0),
        (2, 10, 0),
    ]


async def test_rows_are_found_one_by_one_and_by_page(stocks: "StockServiceAsyncStub") -> None:
    items = [pb.StockedBook(book_id=n, quantity=n) for n in (1, 2, 3)]
    await stocks.StockBooks(pb.StockBooksRequest(items=items))

    one = await stocks.FindStock(pb.FindStockRequest(id=1))
    newest = await stocks.FindAllStocks(pb.FindAllStocksRequest())
    cut = await stocks.FindAllStocks(
        pb.FindAllStocksRequest(
            page=PageRequest(sort="quantity", order=SORT_ORDER_ASC, limit=1, offset=1)
        )
    )
    filtered = await stocks.FindAllStocks(pb.FindAllStocksRequest(book_id=2, warehouse_id=1))

    assert (one.stock.book_id, one.stock.quantity, one.stock.version) == (1, 1, 1)
    assert one.stock.created_at.seconds > 0
    assert [stock.book_id for stock in newest.items] == [3, 2, 1]
    assert (cut.total, [stock.quantity for stock in cut.items]) == (3, [2])
    assert [stock.book_id for stock in filtered.items] == [2]
    with pytest.raises(NotFoundError) as missing:
        await stocks.FindStock(pb.FindStockRequest(id=9))
    assert missing.value.code == "stock-not-found"


@pytest.mark.parametrize(("page", "code"), IMPOSSIBLE_PAGES.values(), ids=IMPOSSIBLE_PAGES)
async def test_a_page_that_cannot_be_is_refused(
    stocks: "StockServiceAsyncStub", page: PageRequest, code: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await stocks.FindAllStocks(pb.FindAllStocksRequest(page=page))
    assert refused.value.code == code


async def test_what_is_too_much_at_once_is_refused(stocks: "StockServiceAsyncStub") -> None:
    with pytest.raises(InvalidError):
        await stocks.FindStockFigures(pb.FindStockFiguresRequest(book_ids=range(1001)))
    with pytest.raises(InvalidError):
        await stocks.StockBooks(
            pb.StockBooksRequest(items=[pb.StockedBook(book_id=1, quantity=-1)])
        )


async def test_catalog_is_asked_which_books_are_on_sale_a_thousand_at_a_time() -> None:
    loopback, catalog = Loopback(), Catalog()
    add_BookServiceServicer_to_server(catalog, loopback.server)
    books = CatalogBookList(loopback.channel)

    unknown = await books.unknown({BookId(n) for n in range(1, 2003)})

    assert unknown == {13, 2001, 2002}
    assert catalog.asked == [1000, 1000, 2]


async def test_a_catalog_that_is_away_is_unavailable() -> None:
    loopback = Loopback()
    add_BookServiceServicer_to_server(Catalog(away=True), loopback.server)

    with pytest.raises(UnavailableError):
        await CatalogBookList(loopback.channel).unknown({BookId(1)})
