"""The catalog, put together."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from grpc import aio

from bookstore.catalog.application.find_books import FindBooks
from bookstore.catalog.application.import_books import ImportBooks
from bookstore.catalog.application.keep_authors import KeepAuthors
from bookstore.catalog.application.keep_books import AddBook, ReplaceBook, RetireBook
from bookstore.catalog.application.keep_publishers import KeepPublishers
from bookstore.catalog.application.list_categories import ListCategories
from bookstore.catalog.application.load_starter import LoadStarter
from bookstore.catalog.application.ports import Sales, Stockroom, Store
from bookstore.catalog.inbound.http.authors import AuthorsController
from bookstore.catalog.inbound.http.books import BooksController
from bookstore.catalog.inbound.http.categories import CategoriesController
from bookstore.catalog.inbound.http.publishers import PublishersController
from bookstore.catalog.inbound.http.showcase import Showcase
from bookstore.catalog.inbound.rpc import (
    AuthorService,
    BookService,
    CategoryService,
    PublisherService,
)
from bookstore.catalog.inbound.starter import StarterJob
from bookstore.catalog.outbound.inventory import InventoryStockroom
from bookstore.catalog.outbound.order import OrderSales
from bookstore.catalog.outbound.sql import SqlStore
from bookstore.catalog.settings import Settings
from bookstore.contracts.openapi import catalog as api
from bookstore.contracts.proto.author.v1.author_pb2_grpc import add_AuthorServiceServicer_to_server
from bookstore.contracts.proto.book.v1.book_pb2_grpc import add_BookServiceServicer_to_server
from bookstore.contracts.proto.category.v1.category_pb2_grpc import (
    add_CategoryServiceServicer_to_server,
)
from bookstore.contracts.proto.publisher.v1.publisher_pb2_grpc import (
    add_PublisherServiceServicer_to_server,
)
from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import open_database
from bookstore.kit.service import Service
from bookstore.kit.transaction import ResultT, Transact

MIGRATIONS = Path(__file__).parent / "migrations"


@asynccontextmanager
async def open_catalog(
    settings: Settings,
    *,
    inventory: aio.Channel,
    order: aio.Channel,
    clock: Clock | None = None,
) -> AsyncGenerator[Service]:
    """Open the catalog on its database, until the block ends."""
    with open_database(settings.database_url, MIGRATIONS, replica=settings.replica) as database:
        yield wire(
            database.transact(SqlStore),
            database.read(SqlStore),
            stockroom=InventoryStockroom(inventory, warehouse=settings.import_warehouse),
            sales=OrderSales(order),
            clock=clock or SystemClock(),
            glance=database.glance(SqlStore),
            starter=settings.starter,
        )


def wire(  # noqa: PLR0913 — all that the catalog is made of
    transact: Transact[Store],
    read: Transact[Store],
    *,
    stockroom: Stockroom,
    sales: Sales,
    clock: Clock,
    glance: Transact[Store] | None = None,
    starter: Path | None = None,
) -> Service:
    """Join the use cases to the world; tests bring stores and neighbours of their own."""
    showcase = Showcase()
    write = _telling(transact, showcase.clear)
    find = FindBooks(read, glance or read, stockroom)
    authors = KeepAuthors(write, read, clock)
    publishers = KeepPublishers(write, read, clock)
    categories = ListCategories(read)
    books = BooksController(
        find=find,
        add=AddBook(write, clock),
        replace=ReplaceBook(write, stockroom, clock),
        retire=RetireBook(write, stockroom, sales, clock),
        load=ImportBooks(write, stockroom, clock),
        showcase=showcase,
    )
    stocked = StarterJob(LoadStarter(write, stockroom, clock), starter)

    async def ready() -> None:
        await read(lambda store: store.categories.all())
        stocked.must_be_done()

    return Service(
        name="catalog",
        operations=[
            *api.books_api_operations(books),
            *api.authors_api_operations(AuthorsController(authors, showcase)),
            *api.publishers_api_operations(PublishersController(publishers, showcase)),
            *api.categories_api_operations(CategoriesController(categories)),
        ],
        rpc=[
            partial(add_BookServiceServicer_to_server, BookService(find)),
            partial(add_AuthorServiceServicer_to_server, AuthorService(authors)),
            partial(add_PublisherServiceServicer_to_server, PublisherService(publishers)),
            partial(add_CategoryServiceServicer_to_server, CategoryService(categories)),
        ],
        background=[stocked.run],
        ready=ready,
    )


def _telling(transact: Transact[Store], written: Callable[[], None]) -> Transact[Store]:
    """Say after each commit that something was written."""

    async def told(work: Callable[[Store], ResultT]) -> ResultT:
        result = await transact(work)
        written()
        return result

    return told
