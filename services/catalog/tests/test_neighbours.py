"""How the catalog asks inventory and order, over the channel they answer on."""

from typing import Any

import pytest

from bookstore.catalog.application.ports import Figures
from bookstore.catalog.domain.book import BookId
from bookstore.catalog.outbound.inventory import InventoryStockroom
from bookstore.catalog.outbound.order import OrderSales
from bookstore.contracts.proto.order.v1 import order_pb2
from bookstore.contracts.proto.order.v1.order_pb2_grpc import (
    OrderServiceServicer,
    add_OrderServiceServicer_to_server,
)
from bookstore.contracts.proto.stock.v1 import stock_pb2
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import (
    StockServiceServicer,
    add_StockServiceServicer_to_server,
)
from bookstore.kit.errors import UnavailableError
from bookstore.kit.rpc import Loopback


class Inventory(StockServiceServicer):
    """Has books 1 and 2; stocks only what it has not."""

    def __init__(self) -> None:
        self.asked: list[stock_pb2.StockBooksRequest] = []

    async def FindStockFigures(
        self, request: stock_pb2.FindStockFiguresRequest, _context: object
    ) -> stock_pb2.FindStockFiguresResponse:
        return stock_pb2.FindStockFiguresResponse(
            items=[
                stock_pb2.StockFigures(book_id=key, quantity=10 * key, reserved_quantity=key)
                for key in request.book_ids
                if key in {1, 2}
            ]
        )

    async def FindAllStocks(self, request: Any, _context: object) -> Any:
        raise NotImplementedError(request)

    async def FindStock(self, request: Any, _context: object) -> Any:
        raise NotImplementedError(request)

    async def StockBooks(
        self, request: stock_pb2.StockBooksRequest, _context: object
    ) -> stock_pb2.StockBooksResponse:
        self.asked.append(request)
        new = [item.book_id for item in request.items if item.book_id not in {1, 2}]
        return stock_pb2.StockBooksResponse(stocked_book_ids=new)


class Order(OrderServiceServicer):
    """Book 1 was ordered."""

    async def FindAllOrders(self, request: Any, _context: object) -> Any:
        raise NotImplementedError(request)

    async def FindOrder(self, request: Any, _context: object) -> Any:
        raise NotImplementedError(request)

    async def FindOpenOrders(self, request: Any, _context: object) -> Any:
        raise NotImplementedError(request)

    async def FindOrderedBooks(
        self, request: order_pb2.FindOrderedBooksRequest, _context: object
    ) -> order_pb2.FindOrderedBooksResponse:
        return order_pb2.FindOrderedBooksResponse(book_ids={1} & set(request.book_ids))


async def test_figures_leave_out_what_is_not_stocked() -> None:
    loopback = Loopback()
    add_StockServiceServicer_to_server(Inventory(), loopback.server)
    stockroom = InventoryStockroom(loopback.channel, warehouse="Main")

    assert await stockroom.figures([BookId(1), BookId(3)]) == {1: Figures(10, 1)}


async def test_books_are_stocked_in_the_warehouse_for_imports() -> None:
    loopback, inventory = Loopback(), Inventory()
    add_StockServiceServicer_to_server(inventory, loopback.server)
    stockroom = InventoryStockroom(loopback.channel, warehouse="Main")

    assert await stockroom.stock({BookId(1): 10, BookId(3): 20}) == 1
    (asked,) = inventory.asked
    assert asked.warehouse == "Main"
    assert [(item.book_id, item.quantity) for item in asked.items] == [(1, 10), (3, 20)]


async def test_a_thousand_books_are_stocked_at_once() -> None:
    loopback, inventory = Loopback(), Inventory()
    add_StockServiceServicer_to_server(inventory, loopback.server)
    stockroom = InventoryStockroom(loopback.channel, warehouse="Main")

    assert await stockroom.stock({BookId(key): 10 for key in range(3, 2004)}) == 2001
    assert [len(asked.items) for asked in inventory.asked] == [1000, 1000, 1]


async def test_what_was_ordered_is_known_to_order() -> None:
    loopback = Loopback()
    add_OrderServiceServicer_to_server(Order(), loopback.server)
    sales = OrderSales(loopback.channel)

    assert await sales.ordered(BookId(1))
    assert not await sales.ordered(BookId(2))


async def test_whatever_is_wrong_with_inventory_its_figures_are_unavailable() -> None:
    stockroom = InventoryStockroom(Loopback().channel, warehouse="Main")

    with pytest.raises(UnavailableError):
        await stockroom.figures([BookId(1)])
