"""Customers, put together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from grpc import aio

from bookstore.contracts.openapi import customer as api
from bookstore.customer.application.admission import Admission
from bookstore.customer.application.close_account import CloseAccount
from bookstore.customer.application.keep_customers import KeepCustomers
from bookstore.customer.application.keep_points import KeepPoints
from bookstore.customer.application.keep_wishlists import KeepWishlists
from bookstore.customer.application.look_at_purchases import LookAtPurchases
from bookstore.customer.application.ports import Accounts, BookList, Orders, Payments, Store
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.inbound.http import (
    CustomersController,
    OrdersController,
    PaymentsController,
    PointsController,
    WishlistsController,
)
from bookstore.customer.outbound.catalog import CatalogBookList
from bookstore.customer.outbound.identity import IdentityAccounts
from bookstore.customer.outbound.order import OrderOrders
from bookstore.customer.outbound.payment import PaymentPayments
from bookstore.customer.outbound.sql import SqlStore
from bookstore.customer.settings import Settings
from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import open_database
from bookstore.kit.ids import uuid7
from bookstore.kit.service import Service
from bookstore.kit.transaction import Transact

MIGRATIONS = Path(__file__).parent / "migrations"


@asynccontextmanager
async def open_customer(  # noqa: PLR0913 — a customer has four neighbours
    settings: Settings,
    *,
    identity: aio.Channel,
    order: aio.Channel,
    payment: aio.Channel,
    catalog: aio.Channel,
    clock: Clock | None = None,
) -> AsyncGenerator[Service]:
    """Open the service on its database, until the block ends."""
    with open_database(settings.database_url, MIGRATIONS, replica=settings.replica) as database:
        yield wire(
            database.transact(SqlStore),
            database.read(SqlStore),
            accounts=IdentityAccounts(identity),
            orders=OrderOrders(order),
            payments=PaymentPayments(payment),
            books=CatalogBookList(catalog),
            clock=clock or SystemClock(),
        )


def wire(  # noqa: PLR0913 — all that the service is made of
    transact: Transact[Store],
    read: Transact[Store],
    *,
    accounts: Accounts,
    orders: Orders,
    payments: Payments,
    books: BookList,
    clock: Clock,
) -> Service:
    """Join the use cases to the world; tests bring a store and neighbours of their own."""
    admission = Admission(accounts)
    customers = CustomersController(
        KeepCustomers(accounts), CloseAccount(accounts, orders, transact)
    )
    wishlists = WishlistsController(KeepWishlists(admission, transact, read, books, clock))
    points = PointsController(KeepPoints(admission, transact, read, clock))
    purchases = LookAtPurchases(orders, payments)

    async def ready() -> None:
        await read(lambda store: store.points.get(CustomerId(uuid7())))

    return Service(
        name="customer",
        operations=[
            *api.customers_api_operations(customers),
            *api.wishlists_api_operations(wishlists),
            *api.points_api_operations(points),
            *api.customer_orders_api_operations(OrdersController(purchases)),
            *api.customer_payments_api_operations(PaymentsController(purchases)),
        ],
        ready=ready,
    )
