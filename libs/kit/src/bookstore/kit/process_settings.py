"""What an operator may say about any service, and about the process it runs in."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from bookstore.kit.auth.issuer import Idp, Issuer, issuer_problems
from bookstore.kit.database import TLS_FILES, DatabaseUrlError, check_url, is_sqlite
from bookstore.kit.server import Address
from bookstore.kit.settings import Settings
from bookstore.kit.telemetry import TelemetrySettings

ServiceRole: TypeAlias = Literal["all", "query", "command"]

SHORTEST_SECRET: Final = 32  # characters
_LAST_PORT: Final = 65_535


class ServiceSettings(Settings, frozen=True, kw_only=True):
    """Where a service's data are, and what of it its process serves.

    `role` is query (what only reads), command (the rest) or all. The query role reads at
    `database_replica_url`.
    """

    database_url: str
    database_replica_url: str = ""
    role: ServiceRole = "all"

    def problems(self) -> Iterator[str]:
        wrong = list(url_problems("DATABASE_URL", self.database_url))
        if self.database_replica_url:
            wrong += url_problems("DATABASE_REPLICA_URL", self.database_replica_url)
            if not wrong and (
                is_sqlite(self.database_url) or is_sqlite(self.database_replica_url)
            ):
                wrong.append("DATABASE_REPLICA_URL: is set, but a SQLite file has no replica")
            if self.role == "command":
                wrong.append(
                    "DATABASE_REPLICA_URL: is set, but ROLE=command reads from no replica: leave "
                    "it out, or set ROLE=query"
                )
        yield from wrong

    @property
    def written(self) -> Mapping[str, str]:
        """The databases that are written, by the names of their settings."""
        return {"DATABASE_URL": self.database_url}

    @property
    def replica(self) -> str | None:
        """Where to read what may be a moment old."""
        return self.database_replica_url or None if self.role == "query" else None


class RunSettings(TelemetrySettings, frozen=True, kw_only=True):
    """How a process talks, and how it stops: it serves on for `drain_delay` seconds."""

    log_level: str = "WARNING"
    drain_delay: float = 0.0

    @property
    def level(self) -> str:
        """From which severity on something is logged."""
        return self.log_level.upper()

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        if self.level not in logging.getLevelNamesMapping():
            yield f"LOG_LEVEL: is {self.log_level}, but takes DEBUG, INFO, WARNING or ERROR"
        if self.drain_delay < 0:
            yield f"DRAIN_DELAY: is {self.drain_delay}, but takes 0 seconds or more"


class ProcessSettings(RunSettings, frozen=True, kw_only=True):
    """Where a process answers, whose tokens it believes, and how it proves itself."""

    http: str = "127.0.0.1:8080"
    rpc: str = "127.0.0.1:9080"
    rpc_reflection: bool = False
    rpc_mesh: bool = False
    public_url: str = "http://127.0.0.1:8080"
    identity_url: str = ""
    idp: Idp = "builtin"
    oidc_issuer: str = ""
    oidc_url: str = ""
    audience: str = "bookstore"
    service_secret: str = ""

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        for name, text in (("HTTP", self.http), ("RPC", self.rpc)):
            if "," in text:
                yield f"{name}: is {text}, but a process listens at one address"
            elif not _is_address(text):
                yield f"{name}: is {text}, but takes host:port, as in 127.0.0.1:8080"
        if self.http == self.rpc and not self.http.endswith(":0"):
            yield f"HTTP and RPC: both are {self.http}, but each needs a port of its own"
        for name, text in (("PUBLIC_URL", self.public_url), ("IDENTITY_URL", self.identity_url)):
            url = urlsplit(text)
            if text and (url.scheme not in {"http", "https"} or not url.netloc):
                yield f"{name}: this is no address such as https://books.example"
        yield from issuer_problems(self.idp, self.oidc_issuer, self.oidc_url)
        if self.idp == "keycloak" and self.identity_url:
            yield "IDENTITY_URL: is set, but IDP is keycloak; it is asked at OIDC_URL"
        if self.service_secret and len(self.service_secret) < SHORTEST_SECRET:
            yield f"SERVICE_SECRET: a secret has {SHORTEST_SECRET} characters at least"

    @property
    def address(self) -> Address:
        """Where the REST API is."""
        return _address(self.http)

    @property
    def rpc_address(self) -> Address:
        """Where the gRPC API is."""
        return _address(self.rpc)

    @property
    def issuer(self) -> Issuer:
        """Whose tokens are believed, and who gives the service its own."""
        if self.idp == "keycloak":
            return Issuer.keycloak(self.oidc_issuer, self.oidc_url)
        return Issuer.builtin(self.public_url, self.identity_url)


def url_problems(name: str, url: str) -> Iterator[str]:
    """Say what is wrong with the URL of a database."""
    try:
        options = check_url(url).query
    except DatabaseUrlError as error:
        yield f"{name}: {error}"
    else:
        for option in TLS_FILES:
            file = options.get(option)
            if isinstance(file, str) and not Path(file).is_file():
                yield f"{name}: there is no file {file}, its {option}"


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isascii() and port.isdecimal() and int(port) <= _LAST_PORT


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return Address(host=host.strip("[]"), port=int(port))
