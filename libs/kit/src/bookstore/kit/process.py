"""A service as a process of its own: `python -m bookstore.<service> serve|work|migrate`.

Its REST API is at HTTP, its gRPC API at RPC; a neighbour's gRPC address, or several of them, are
in <NEIGHBOUR>_RPC, as in CATALOG_RPC=127.0.0.1:9081. Tokens are checked against the keys of
whoever is at IDENTITY_URL (or else at PUBLIC_URL), or of the Keycloak at OIDC_ISSUER, as IDP says.
Each name may be prefixed by the service's: ORDER_HTTP.

The gRPC API answers to services only: to whoever shows the token that the issuer gives for
SERVICE_SECRET, one of those in identity's SERVICE_CLIENTS or Keycloak's. So nothing that has
neighbours starts without the secret. With RPC_CERT, RPC_KEY and RPC_CA it speaks TLS.
docs/settings.md tells all of it.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import httpx
import uvloop
from grpc import aio

from bookstore.kit.auth import Authenticator, RemoteKeys, Verifier
from bookstore.kit.database import DatabaseUnreachableError, NewerDataError, open_database
from bookstore.kit.http import HttpSettings, application
from bookstore.kit.jobs import keep_running
from bookstore.kit.process_check import check_acquainted, check_worker, variable
from bookstore.kit.process_end import InTime
from bookstore.kit.process_files import sole_writer
from bookstore.kit.process_settings import ProcessSettings, ServiceRole, ServiceSettings
from bookstore.kit.rpc import (
    Certificates,
    ServiceTokens,
    TlsSettings,
    may_repeat,
    open_channel,
    open_server,
    services_only,
)
from bookstore.kit.server import PortInUseError, Together, serve
from bookstore.kit.service import Service
from bookstore.kit.settings import SettingsError, check_settings, read_settings
from bookstore.kit.telemetry import PROCESS_LOG, exporting, log_to_stderr

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)
_CANNOT_START: Final = (
    SettingsError,
    NewerDataError,
    DatabaseUnreachableError,
    PortInUseError,
)
Near = Callable[[str], aio.Channel]

_LOG = logging.getLogger(PROCESS_LOG)
_SERVED: Final[dict[ServiceRole, Callable[[str], bool]]] = {
    "all": lambda _method: True,
    "query": may_repeat,
    "command": lambda method: not may_repeat(method),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Generic[SettingsT]):
    """How a service is opened; `open` is given its settings and a channel to each neighbour.

    `authenticator` is for the service that knows callers by itself; `unfit` says with which
    settings it cannot be served apart from the others. `worker` is for who takes part in sagas:
    how to work on their tasks, and how to see that it can.
    """

    name: str
    settings: type[SettingsT]
    migrations: Path
    open: Callable[[SettingsT, Near], AbstractAsyncContextManager[Service]]
    neighbours: Sequence[str] = ()
    authenticator: Callable[[Service], Authenticator] | None = None
    unfit: Callable[[SettingsT], Sequence[str]] = lambda _settings: ()
    worker: "WorkerProcess | None" = None

    def main(self, *arguments: str) -> None:
        """Do what the command line says; what cannot be done is a sentence, and exit code 2."""
        try:
            match arguments or tuple(sys.argv[1:]):
                case ("serve",):
                    self._check()
                    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                        runner.run(self._serve())
                    _LOG.info("stopped")
                case ("work",) if self.worker is not None:
                    self._check(
                        partial(self.worker.check, self._prefix),
                        partial(check_worker, self._own),
                    )
                    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                        runner.run(self._work(self.worker))
                    _LOG.info("stopped")
                case ("migrate",):
                    self._migrate()
                case _:
                    what = "serve|migrate" if self.worker is None else "serve|work|migrate"
                    sys.stderr.write(f"usage: python -m bookstore.{self.name} {what}\n")
                    sys.exit(2)
        except _CANNOT_START as error:
            sys.stderr.write(f"{self.name}: {error}\n")
            sys.exit(2)

    @property
    def _prefix(self) -> str:
        return self.name.upper()

    def _check(self, *more: Callable[[], object]) -> None:
        """Raise SettingsError with all that is wrong with the settings of a process."""
        check_settings(
            self._fit,
            *more,
            lambda: read_settings(ProcessSettings, self._prefix),
            lambda: read_settings(HttpSettings, self._prefix),
            lambda: read_settings(TlsSettings, self._prefix),
            partial(check_acquainted, self.name, self.neighbours),
        )

    def _own(self) -> SettingsT:
        return read_settings(self.settings, self._prefix)

    def _fit(self) -> None:
        if problems := self.unfit(self._own()):
            raise SettingsError(*problems)

    def _migrate(self) -> None:
        """Bring the database to its newest version; opening it does."""
        with open_database(self._own().database_url, self.migrations):
            pass

    async def _serve(self) -> None:
        """Serve until told to stop."""
        own = self._own()
        where = read_settings(ProcessSettings, self._prefix)
        http = read_settings(HttpSettings, self._prefix)
        tls = read_settings(TlsSettings, self._prefix)
        log_to_stderr(where.level, where, service=self.name)
        with (
            exporting(where, service=self.name),
            where.address.listen() as listener,
            sole_writer(own),
        ):
            with where.rpc_address.listen():
                pass  # gRPC binds it itself, later, and is wordy if it cannot
            _warn_of_plain_text(where, tls)
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(httpx.AsyncClient())
                near = _near(stack, tls, where, self._token(where, client))
                whole = await stack.enter_async_context(self.open(own, near))
                service = _part(whole, own.role)
                authenticator = self._authenticator(whole, where, client)
                app = application(
                    service.operations,
                    authenticator=authenticator,
                    ready=service.ready,
                    drain=service.drain,
                    settings=http,
                )
                rpc = await stack.enter_async_context(
                    open_server(
                        service.rpc,
                        where.rpc,
                        certificates=Certificates(tls),
                        check=services_only(authenticator),
                        serves=_SERVED[own.role],
                        reflects=where.rpc_reflection,
                    )
                )
                async with asyncio.TaskGroup() as group:
                    beside = [group.create_task(keep_running(job)) for job in service.background]
                    delay = where.drain_delay
                    ending = Together(app, rpc, InTime(delay))
                    await serve(app, listener, drainable=ending, drain_delay=delay)
                    for task in beside:
                        task.cancel()

    async def _work(self, worker: "WorkerProcess") -> None:
        """Work on the sagas' tasks until told to stop; over HTTP it tells how it is, no more."""
        own = self._own()
        where = read_settings(ProcessSettings, self._prefix)
        tls = read_settings(TlsSettings, self._prefix)
        log_to_stderr(where.level, where, service=self.name)
        with exporting(where, service=self.name), where.address.listen() as listener:
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(httpx.AsyncClient())
                near = _near(stack, tls, where, self._token(where, client))
                service = await stack.enter_async_context(self.open(own, near))
                stop = await stack.enter_async_context(worker.working(service.tasks, self._prefix))
                app = application(
                    (),
                    authenticator=self._authenticator(service, where, client),
                    ready=service.ready,
                    drain=stop,
                )
                delay = where.drain_delay
                ending = Together(app, InTime(delay))
                await serve(app, listener, drainable=ending, drain_delay=delay)

    def _token(self, where: ProcessSettings, client: httpx.AsyncClient) -> ServiceTokens:
        secret = where.service_secret
        return ServiceTokens(client, where.issuer.token_url, client=self.name, secret=secret)

    def _authenticator(
        self, service: Service, where: ProcessSettings, client: httpx.AsyncClient
    ) -> Authenticator:
        if self.authenticator is not None:
            return self.authenticator(service)
        keys = RemoteKeys(where.issuer.keys_url, client)
        return Verifier(keys, issuer=where.issuer.name, audience=where.audience)


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """How tasks are worked on (`working` yields how to take nothing more), and what it takes."""

    working: Callable[[Mapping[str, Any], str], AbstractAsyncContextManager[Callable[[], None]]]
    check: Callable[[str], object]


def _part(service: Service, role: ServiceRole) -> Service:
    match role:
        case "query":
            return service.reading()
        case "command":
            return service.writing()
        case "all":
            return service


def _near(
    stack: AsyncExitStack, tls: TlsSettings, where: ProcessSettings, token: ServiceTokens
) -> Near:
    """Return how to open a channel to a neighbour."""
    certificates = Certificates(tls)

    def near(name: str) -> aio.Channel:
        address = os.environ[variable(name)]
        channel = open_channel(
            address, certificates=certificates, token=token, watched=not where.rpc_mesh
        )
        stack.push_async_callback(channel.close)
        return channel

    return near


def _warn_of_plain_text(where: ProcessSettings, tls: TlsSettings) -> None:
    if not where.rpc_address.is_loopback and tls.rpc_cert is None:
        _LOG.warning(
            "RPC is at %s without TLS: services' tokens travel in the clear, unless a mesh "
            "encrypts them; RPC_CERT and RPC_KEY turn TLS on",
            where.rpc,
        )
