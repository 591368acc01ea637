"""Payment, put together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

from grpc import aio

from bookstore.contracts.openapi import payment as api
from bookstore.contracts.proto.payment.v1.payment_pb2_grpc import (
    add_PaymentServiceServicer_to_server,
)
from bookstore.kit.clock import Clock, SystemClock
from bookstore.kit.database import open_database
from bookstore.kit.http import refusing_card_numbers
from bookstore.kit.service import Service
from bookstore.kit.transaction import Transact
from bookstore.payment.application.authorise_payment import AuthorisePayment
from bookstore.payment.application.capture_payment import CapturePayment
from bookstore.payment.application.find_payments import FindPayments
from bookstore.payment.application.hear_event import HearEvent
from bookstore.payment.application.pay_back import PayBack
from bookstore.payment.application.ports import CardNetwork, Orders, Store
from bookstore.payment.application.refund_payment import PayRefund
from bookstore.payment.application.return_payment import ReturnPayment
from bookstore.payment.application.settle_outside import SettleOutside
from bookstore.payment.application.sweep import Sweep
from bookstore.payment.application.void_payment import VoidPayment
from bookstore.payment.domain.payment import PaymentId
from bookstore.payment.inbound.http.payments import PaymentsController
from bookstore.payment.inbound.http.refunds import RefundsController
from bookstore.payment.inbound.http.webhooks import WebhooksController
from bookstore.payment.inbound.rpc import PaymentService
from bookstore.payment.inbound.sweeper import Sweeper
from bookstore.payment.inbound.worker import authorising, capturing, returning, voiding
from bookstore.payment.outbound.orders import OrderServiceOrders
from bookstore.payment.outbound.patient import Patience, PatientCardNetwork
from bookstore.payment.outbound.simulator.network import Timing, open_simulator
from bookstore.payment.outbound.sql import SqlStore
from bookstore.payment.settings import Settings
from bookstore.saga.forgetting import ForgetAnswers

MIGRATIONS = Path(__file__).parent / "migrations"


@asynccontextmanager
async def open_payment(
    settings: Settings, *, order: aio.Channel, clock: Clock | None = None
) -> AsyncGenerator[Service]:
    """Open payment and its simulated card network on their databases, until the block ends."""
    timing = Timing(slow=settings.network_slow, silent=settings.network_silent)
    with open_database(settings.database_url, MIGRATIONS, replica=settings.replica) as database:
        async with open_simulator(settings.card_network_url, timing=timing) as network:
            clock = clock or SystemClock()
            write = database.transact(SqlStore)
            service = wire(
                write,
                database.read(SqlStore),
                network=network,
                orders=OrderServiceOrders(order),
                settings=settings,
                clock=clock,
            )
            forget = ForgetAnswers(write, clock, settings.answers_kept_days)
            yield replace(service, background=[*service.background, forget.every_hour])


def wire(  # noqa: PLR0913 — all that payment is made of
    transact: Transact[Store],
    read: Transact[Store],
    *,
    network: CardNetwork,
    orders: Orders,
    settings: Settings,
    clock: Clock,
) -> Service:
    """Join the use cases to the world; tests bring stores and neighbours of their own."""
    patience = Patience(
        deadline=settings.network_deadline, longest_backoff=settings.network_backoff
    )
    network = PatientCardNetwork(network, patience)
    find = FindPayments(read)
    pay_back = PayBack(transact, network, clock)
    authorise = AuthorisePayment(transact, network, clock, patience.total)
    void = VoidPayment(transact, network, pay_back, clock)
    sweep = Sweep(transact=transact, pay_back=pay_back, void=void, orders=orders, clock=clock)
    webhooks = WebhooksController(HearEvent(transact, clock), settings.webhook_secret, clock)

    service = PaymentService(find, SettleOutside(transact, clock))

    async def ready() -> None:
        await read(lambda store: store.payments.get(PaymentId(UUID(int=0))))

    return Service(
        name="payment",
        operations=refusing_card_numbers(
            [
                *api.payments_api_operations(PaymentsController(find)),
                *api.refunds_api_operations(
                    RefundsController(find, PayRefund(transact, pay_back, clock))
                ),
                *api.webhooks_api_operations(webhooks),
            ]
        ),
        rpc=[partial(add_PaymentServiceServicer_to_server, service)],
        tasks={
            "payment.authorise": authorising(transact, authorise, void),
            "payment.void": voiding(transact, void),
            "payment.capture": capturing(transact, CapturePayment(network, clock)),
            "payment.refund": returning(transact, ReturnPayment(void)),
        },
        background=[Sweeper(sweep, settings.sweep_every).run],
        ready=ready,
    )
