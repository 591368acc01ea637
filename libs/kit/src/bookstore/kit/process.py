"""A service as a process of its own: `python -m bookstore.<service> serve|migrate`.

Its REST API is at HTTP, its gRPC API at RPC; a neighbour's gRPC address is in <NEIGHBOUR>_RPC,
as in CATALOG_RPC=127.0.0.1:9081. Tokens are checked against the keys of whoever is at
IDENTITY_URL (or else at PUBLIC_URL). Each name may be prefixed by the service's: ORDER_HTTP.
With RPC_CERT, RPC_KEY and RPC_CA the gRPC API speaks TLS; with SERVICE_SECRET, the one identity
knows in SERVICE_CLIENTS, services show each other tokens and answer to nobody else.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import httpx
import msgspec
import uvloop
from grpc import aio

from bookstore.kit.auth import Authenticator, RemoteKeys, Verifier
from bookstore.kit.database import NewerDataError, open_database
from bookstore.kit.http import HttpSettings, application
from bookstore.kit.jobs import keep_running
from bookstore.kit.rpc import (
    ServiceTokens,
    TlsSettings,
    open_channel,
    open_server,
    services_only,
)
from bookstore.kit.server import Address, PortInUseError, serve
from bookstore.kit.service import Service
from bookstore.kit.settings import SettingsError, read_settings

SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)
Near = Callable[[str], aio.Channel]


class ProcessSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a process answers, and whose tokens it believes."""

    http: str = "127.0.0.1:8080"
    rpc: str = "127.0.0.1:9080"
    public_url: str = "http://127.0.0.1:8080"
    identity_url: str = ""
    audience: str = "bookstore"
    drain_delay: float = 0.0
    service_secret: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for what makes no sense."""
        if not self.http.rpartition(":")[2].isdecimal():
            raise ValueError("HTTP: write host:port, as in 127.0.0.1:8080")

    @property
    def address(self) -> Address:
        """Where the REST API is."""
        host, _, port = self.http.rpartition(":")
        return Address(host=host.strip("[]"), port=int(port))

    @property
    def keys_url(self) -> str:
        """Where the keys are that tokens are signed with."""
        return f"{self._issuer_url}/.well-known/jwks.json"

    @property
    def token_url(self) -> str:
        """Where a service gets its own token."""
        return f"{self._issuer_url}/oauth/token"

    @property
    def _issuer_url(self) -> str:
        return (self.identity_url or self.public_url).rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Generic[SettingsT]):
    """How a service is opened; `open` is given its settings and a channel to each neighbour.

    `authenticator` is for the service that knows callers by itself.
    """

    name: str
    settings: type[SettingsT]
    migrations: Path
    open: Callable[[SettingsT, Near], AbstractAsyncContextManager[Service]]
    authenticator: Callable[[Service], Authenticator] | None = None

    def main(self, *arguments: str) -> None:
        """Do what the command line says; what cannot be done is a sentence, and exit code 2."""
        logging.basicConfig(level=os.environ.get("LOG_LEVEL", "WARNING").upper())
        try:
            match arguments or tuple(sys.argv[1:]):
                case ("serve",):
                    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                        runner.run(self._serve())
                case ("migrate",):
                    self._migrate()
                case _:
                    sys.exit(f"usage: python -m bookstore.{self.name} serve|migrate")
        except (SettingsError, NewerDataError, PortInUseError) as error:
            sys.stderr.write(f"{self.name}: {error}\n")
            sys.exit(2)

    def _migrate(self) -> None:
        """Bring the database to its newest version; opening it does."""
        settings = read_settings(self.settings, self.name.upper())
        with open_database(settings.database_url, self.migrations):  # type: ignore[attr-defined]  # all have it
            pass

    async def _serve(self) -> None:
        """Serve until told to stop."""
        prefix = self.name.upper()
        own, where = read_settings(self.settings, prefix), read_settings(ProcessSettings, prefix)
        http, tls = read_settings(HttpSettings, prefix), read_settings(TlsSettings, prefix)
        with where.address.listen() as listener:
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(httpx.AsyncClient())
                near = _near(stack, tls, self._token(where, client))
                service = await stack.enter_async_context(self.open(own, near))
                authenticator = self._authenticator(service, where, client)
                app = application(
                    service.operations,
                    authenticator=authenticator,
                    ready=service.ready,
                    drain=service.drain,
                    settings=http,
                )
                check = services_only(authenticator) if where.service_secret else None
                await stack.enter_async_context(
                    open_server(service.rpc, where.rpc, credentials=tls.for_server(), check=check)
                )
                async with asyncio.TaskGroup() as group:
                    beside = [group.create_task(keep_running(job)) for job in service.background]
                    delay = where.drain_delay
                    await serve(app, listener, drainable=app, drain_delay=delay)
                    for task in beside:
                        task.cancel()

    def _token(self, where: ProcessSettings, client: httpx.AsyncClient) -> ServiceTokens | None:
        if not where.service_secret:
            return None
        secret = where.service_secret
        return ServiceTokens(client, where.token_url, client=self.name, secret=secret)

    def _authenticator(
        self, service: Service, where: ProcessSettings, client: httpx.AsyncClient
    ) -> Authenticator:
        if self.authenticator is not None:
            return self.authenticator(service)
        keys = RemoteKeys(where.keys_url, client)
        issuer = where.public_url.rstrip("/")
        return Verifier(keys, issuer=issuer, audience=where.audience)


def _near(stack: AsyncExitStack, tls: TlsSettings, token: ServiceTokens | None) -> Near:
    """Return how to open a channel to a neighbour; raises SettingsError without its address."""

    def near(name: str) -> aio.Channel:
        variable = f"{name.upper()}_RPC"
        address = os.environ.get(variable)
        if not address:
            raise SettingsError(f"{variable}: is not set; where is {name}?")
        channel = open_channel(address, credentials=tls.for_channel(), token=token)
        stack.push_async_callback(channel.close)
        return channel

    return near
