"""Ordering, put together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grpc import aio

from bookstore.contracts.openapi.order import orders_api_operations, sagas_api_operations
from bookstore.contracts.proto.order.v1.order_pb2_grpc import add_OrderServiceServicer_to_server
from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import Database, open_database
from bookstore.kit.http import refusing_card_numbers
from bookstore.kit.jobs import Job
from bookstore.kit.service import Service
from bookstore.kit.transaction import Transact
from bookstore.order.application.advance_order import AdvanceOrder
from bookstore.order.application.cancel_order import CancelOrder
from bookstore.order.application.find_orders import FindOrders
from bookstore.order.application.forget_keys import ForgetKeys
from bookstore.order.application.intervene import Intervene
from bookstore.order.application.place_order import PlaceOrder
from bookstore.order.application.ports import Accounts, OrderStore, PriceList, Settlements
from bookstore.order.application.quote_order import QuoteOrder
from bookstore.order.application.ship_order import CompleteOrder, ShipOrder
from bookstore.order.application.waiting import WaitingRoom
from bookstore.order.inbound.http import OrdersController, SagasController
from bookstore.order.inbound.rpc import OrderService
from bookstore.order.inbound.worker import tasks
from bookstore.order.outbound.catalog import CatalogPriceList
from bookstore.order.outbound.identity import IdentityAccounts
from bookstore.order.outbound.payment import PaymentSettlements
from bookstore.order.outbound.sql import SqlOrderStore
from bookstore.order.saga import SAGAS
from bookstore.order.settings import Settings
from bookstore.saga.engine import EmbeddedEngine
from bookstore.saga.forgetting import ForgetAnswers
from bookstore.saga.metrics import SagaMetrics
from bookstore.saga.ports import SagaEngine

if TYPE_CHECKING:
    from bookstore.saga.conductor.engine import ConductorEngine

MIGRATIONS = Path(__file__).parent / "migrations"
METRICS = SagaMetrics()  # of this process, like the registry that it is in


@dataclass(frozen=True, slots=True)
class Ordering:
    """The service, and its sagas' engine if it runs here: `await engine.run(tasks)` of all six.

    On Conductor there is none: workers do the tasks, in processes of their own.
    """

    service: Service
    engine: EmbeddedEngine | None


@asynccontextmanager
async def open_order(
    settings: Settings,
    *,
    catalog: aio.Channel,
    identity: aio.Channel,
    payment: aio.Channel,
    clock: Clock | None = None,
) -> AsyncGenerator[Ordering]:
    """Wire ordering to its database, to its neighbours and to what runs its sagas."""
    clock = clock or SystemClock()
    with open_database(settings.database_url, MIGRATIONS, replica=settings.replica) as database:
        async with _engine(settings, database, clock) as engine:
            write = database.transact(SqlOrderStore)
            service = wire(
                write,
                database.read(SqlOrderStore),
                CatalogPriceList(catalog),
                IdentityAccounts(identity),
                PaymentSettlements(payment),
                engine,
                clock,
                glance=database.glance(SqlOrderStore),
            )
            watch: Job = partial(METRICS.keep_looking, engine.figures, clock)
            forget = ForgetAnswers(write, clock, settings.answers_kept_days)
            jobs = (*service.background, watch, forget.every_hour)
            if isinstance(engine, EmbeddedEngine):
                yield Ordering(replace(service, background=jobs), engine)
            else:
                count: Job = partial(METRICS.keep_counting, engine.queued)
                yield Ordering(replace(service, background=(*jobs, count, engine.run)), None)


@asynccontextmanager
async def _engine(
    settings: Settings, database: Database, clock: Clock
) -> "AsyncGenerator[EmbeddedEngine | ConductorEngine]":
    if settings.saga_engine == "embedded":
        yield EmbeddedEngine(database, SAGAS, clock=clock, observer=METRICS)
        return
    from bookstore.saga.conductor.engine import ConductorEngine  # noqa: PLC0415 — with its client,
    from bookstore.saga.conductor.working import (  # noqa: PLC0415 — which one process needs not
        conductor_at,
        process_name,
    )

    async with conductor_at(settings.conductor_url) as conductor:
        yield ConductorEngine(
            database, SAGAS, conductor, name=process_name(), clock=clock, observer=METRICS
        )


def wire(  # noqa: PLR0913, PLR0917 — all that ordering is made of
    transact: Transact[OrderStore],
    read: Transact[OrderStore],
    price_list: PriceList,
    accounts: Accounts,
    settlements: Settlements,
    engine: SagaEngine,
    clock: Clock,
    *,
    glance: Transact[OrderStore] | None = None,
) -> Service:
    """Wire ordering to any store, neighbours and engine."""
    room = WaitingRoom()
    glance = glance or read
    find = FindOrders(read)
    orders = OrdersController(
        place=PlaceOrder(transact, glance, price_list, accounts, engine, room, clock),
        quote=QuoteOrder(price_list),
        cancel=CancelOrder(transact, glance, engine, room, clock),
        ship=ShipOrder(transact, engine, clock),
        complete=CompleteOrder(transact, clock),
        find=find,
    )
    sagas = SagasController(Intervene(read, engine, settlements), clock)
    return Service(
        name="order",
        operations=refusing_card_numbers(
            [*orders_api_operations(orders), *sagas_api_operations(sagas)]
        ),
        also_reads={"POST /api/v1/orders/quote"},
        rpc=[partial(add_OrderServiceServicer_to_server, OrderService(find))],
        tasks=tasks(transact, AdvanceOrder(clock)),
        background=[ForgetKeys(transact, clock).every_hour],
        ready=find.ready,
        drain=room.drain,
    )
