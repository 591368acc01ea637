"""The whole store in one process: six services, each with its own database, over one loopback.

The services are wired as they are when each runs alone; what differs is handed in from outside:
a channel within the process instead of a network, SQLite files in a folder, and the saga engine,
which here runs the tasks of all services itself.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from bookstore.catalog.app import open_catalog
from bookstore.catalog.settings import Settings as CatalogSettings
from bookstore.cli.folder import CARD_NETWORK, Folder
from bookstore.customer.app import open_customer
from bookstore.customer.settings import Settings as CustomerSettings
from bookstore.identity.app import open_identity
from bookstore.identity.application.staff import Staff
from bookstore.identity.settings import Settings as IdentitySettings
from bookstore.inventory.app import open_inventory
from bookstore.inventory.settings import Settings as InventorySettings
from bookstore.kit.http import Application, HttpSettings, application
from bookstore.kit.jobs import Job
from bookstore.kit.process_settings import ServiceSettings
from bookstore.kit.rpc import Loopback
from bookstore.kit.service import Service
from bookstore.kit.settings import SettingsError, check_settings, read_settings
from bookstore.order.app import open_order
from bookstore.order.settings import Settings as OrderSettings
from bookstore.payment.app import open_payment
from bookstore.payment.settings import Settings as PaymentSettings
from bookstore.saga.observed import observed

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)

SETTINGS: Final[Mapping[str, type[ServiceSettings]]] = {
    "catalog": CatalogSettings,
    "customer": CustomerSettings,
    "identity": IdentitySettings,
    "inventory": InventorySettings,
    "order": OrderSettings,
    "payment": PaymentSettings,
}
STARTER: Final = Path(__file__).parents[5] / "data/starter/books.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The store, ready to be served; `jobs` run beside it until they are cancelled."""

    application: Application
    staff: Staff
    loopback: Loopback
    ready: Callable[[], Awaitable[None]]
    jobs: Sequence[Job]


def check_store(folder: Folder, *, public_url: str, environment: Mapping[str, str]) -> None:
    """Raise SettingsError with all that is wrong with the settings; nothing is opened."""
    read = _settings_reader(folder, public_url, environment)
    check_settings(
        *(partial(read, kind, name) for name, kind in SETTINGS.items()),
        lambda: read_settings(HttpSettings, environment=environment),
    )


@asynccontextmanager
async def open_store(
    folder: Folder, *, public_url: str, environment: Mapping[str, str]
) -> AsyncGenerator[Store]:
    """Wire the six services to each other; raises SettingsError, NewerDataError."""
    check_store(folder, public_url=public_url, environment=environment)
    read = _settings_reader(folder, public_url, environment)
    loopback = Loopback()
    near = loopback.channel
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        identity = await enter(open_identity(read(IdentitySettings, "identity")))
        shelves = read(CatalogSettings, "catalog")
        catalog = await enter(open_catalog(shelves, inventory=near, order=near))
        inventory = await enter(open_inventory(read(InventorySettings, "inventory"), catalog=near))
        payment = await enter(open_payment(read(PaymentSettings, "payment"), order=near))
        ordering = await enter(
            open_order(read(OrderSettings, "order"), catalog=near, identity=near, payment=near)
        )
        customer = await enter(
            open_customer(
                read(CustomerSettings, "customer"),
                catalog=near,
                identity=near,
                order=near,
                payment=near,
            )
        )
        services: list[Service] = [
            *(identity, catalog, inventory, payment, ordering.service, customer)
        ]
        for service in services:
            for register in service.rpc:
                register(loopback.server)
        tasks = observed(
            {name: task for service in services for name, task in service.tasks.items()}
        )

        engine = ordering.engine
        assert engine is not None  # noqa: S101 — the settings were looked at

        async def run_sagas() -> None:
            await engine.run(tasks)

        async def ready() -> None:
            for service in services:
                await service.ready()

        def drain() -> None:
            for service in services:
                service.drain()

        yield Store(
            application=application(
                [operation for service in services for operation in service.operations],
                authenticator=identity.authenticator,
                ready=ready,
                drain=drain,
                settings=read_settings(HttpSettings, environment=environment),
            ),
            staff=identity.staff,
            loopback=loopback,
            ready=ready,
            jobs=[run_sagas, *(job for service in services for job in service.background)],
        )


def _settings_reader(
    folder: Folder, public_url: str, environment: Mapping[str, str]
) -> Callable[[type[SettingsT], str], SettingsT]:
    """Read settings as ever, but for what the folder, the address and one process decide."""

    def read(kind: type[SettingsT], service: str) -> SettingsT:
        prefix = service.upper()
        decided = {
            f"{prefix}_DATABASE_URL": folder.url(service),
            "PAYMENT_CARD_NETWORK_URL": folder.url(CARD_NETWORK),
        }
        usual = {"PUBLIC_URL": public_url, "CATALOG_STARTER": str(STARTER)}
        settings = read_settings(kind, prefix, usual | dict(environment) | decided)
        if settings.role != "all":
            raise SettingsError(f"ROLE: is {settings.role}, but one process serves all")
        if isinstance(settings, OrderSettings) and settings.saga_engine != "embedded":
            raise SettingsError(
                f"SAGA_ENGINE: is {settings.saga_engine}, but one process runs its sagas itself: "
                "take embedded"
            )
        return settings

    return read
