"""Inventory, put together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from grpc import aio

from bookstore.contracts.openapi import inventory as api
from bookstore.contracts.proto.stock.v1.stock_pb2_grpc import add_StockServiceServicer_to_server
from bookstore.inventory.application.create_stock import CreateStock
from bookstore.inventory.application.edit_stock import AdjustStock, RemoveStock, ReplaceStock
from bookstore.inventory.application.look import Look
from bookstore.inventory.application.ports import BookList, Inventory
from bookstore.inventory.application.stock_many import CreateStocks, StockBooks
from bookstore.inventory.application.warehouses import KeepWarehouses
from bookstore.inventory.inbound.http import (
    MovementsController,
    ReservationsController,
    StocksController,
    WarehousesController,
)
from bookstore.inventory.inbound.rpc import StockService
from bookstore.inventory.inbound.worker import Desk, tasks
from bookstore.inventory.outbound.catalog import CatalogBookList
from bookstore.inventory.outbound.sql import SqlInventory
from bookstore.inventory.settings import Settings
from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import open_database
from bookstore.kit.service import Service
from bookstore.kit.transaction import Transact
from bookstore.saga.forgetting import ForgetAnswers

MIGRATIONS = Path(__file__).parent / "migrations"


@asynccontextmanager
async def open_inventory(
    settings: Settings, *, catalog: aio.Channel, clock: Clock | None = None
) -> AsyncGenerator[Service]:
    """Open inventory on its database, until the block ends."""
    with open_database(settings.database_url, MIGRATIONS, replica=settings.replica) as database:
        clock = clock or SystemClock()
        write = database.transact(SqlInventory)
        service = wire(write, database.read(SqlInventory), CatalogBookList(catalog), clock)
        forget = ForgetAnswers(write, clock, settings.answers_kept_days)
        yield replace(service, background=[*service.background, forget.every_hour])


def wire(
    transact: Transact[Desk], read: Transact[Inventory], books: BookList, clock: Clock
) -> Service:
    """Join the use cases to the world; tests bring a store and books of their own."""
    look = Look(read)
    stocks = StocksController(
        look=look,
        create=CreateStock(transact, books, clock),
        create_many=CreateStocks(transact, books, clock),
        replace=ReplaceStock(transact, clock),
        adjust=AdjustStock(transact, clock),
        remove=RemoveStock(transact, clock),
    )
    warehouses = WarehousesController(look, KeepWarehouses(transact, clock))
    servicer = StockService(look, StockBooks(transact, clock))

    async def ready() -> None:
        await look.figures([])

    return Service(
        name="inventory",
        operations=[
            *api.stocks_api_operations(stocks),
            *api.movements_api_operations(MovementsController(look)),
            *api.reservations_api_operations(ReservationsController(look)),
            *api.warehouses_api_operations(warehouses),
        ],
        rpc=[partial(add_StockServiceServicer_to_server, servicer)],
        tasks=tasks(transact, clock),
        ready=ready,
    )
