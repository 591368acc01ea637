"""Which processes a distributed store is made of, where each listens, and what it is told.

Six services serve, three of them work on sagas too; each in so many processes. In front is one
edge, behind them are a MariaDB, a Conductor and, if it issues the tokens, a Keycloak.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from tools.edge.envoy import ROLES, Address, Edge

SIX: Final = ("catalog", "customer", "identity", "inventory", "order", "payment")
WORKERS: Final = ("inventory", "order", "payment")
DATABASES: Final = (*SIX, "card_network")
_HOST: Final = "127.0.0.1"
_STARTER: Final = Path(__file__).parents[2] / "data/starter/books.json"


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One process, such as the second one that serves ordering."""

    service: str
    what: Literal["serve", "work"]
    number: int = 1

    def __str__(self) -> str:
        """Name it as people do: `order serve`, `order serve 2`."""
        return f"{self.service} {self.what}" + (f" {self.number}" if self.number > 1 else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where the servers behind the store are.

    `databases` has a URL for each of DATABASES. `realm` is Keycloak's, or None where identity
    issues the tokens itself.
    """

    databases: Mapping[str, str]
    conductor: str
    realm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What services prove themselves with to the issuer, and the account of the staff."""

    services: Mapping[str, str]
    staff_email: str
    staff_password: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A store of `each` processes per service; `port` gives a port to whatever has a name."""

    servers: Servers
    secrets: Secrets
    port: Callable[[str], int]
    each: int = 1
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> list[Part]:
        """All processes, in the order in which they are best started."""
        numbers = range(1, self.each + 1)
        serving = [Part(service, "serve", number) for service in SIX for number in numbers]
        return serving + [
            Part(service, "work", number) for service in WORKERS for number in numbers
        ]

    @property
    def url(self) -> str:
        """Where clients reach it."""
        return f"http://{_HOST}:{self.port('edge')}"

    def http(self, part: Part) -> Address:
        """Where a process answers over HTTP."""
        return _HOST, self.port(f"{part} http")

    def rpc(self, part: Part) -> Address:
        """Where a process answers over gRPC."""
        return _HOST, self.port(f"{part} rpc")

    def environment(self, part: Part) -> dict[str, str]:
        """Return all that a process is told."""
        upper = part.service.upper()
        return {
            **self._shared(),
            f"{upper}_HTTP": _text(self.http(part)),
            f"{upper}_RPC": _text(self.rpc(part)),
            "SERVICE_SECRET": self.secrets.services[part.service],
        }

    def edge(self) -> Edge:
        """Return what stands in front of it."""
        realm = self.servers.realm
        return Edge(
            listen=(_HOST, self.port("edge")),
            admin=(_HOST, self.port("edge admin")),
            upstreams={
                f"{service}-{role}": [self.http(part) for part in self._serving(service)]
                for service in SIX
                for role in ROLES
            },
            issuer=realm or self.url,
            audience="bookstore",
            keys=_keys(realm) if realm else (self.http(Part("identity", "serve")), _OWN_KEYS),
        )

    def _shared(self) -> dict[str, str]:
        """Return what all processes are told alike."""
        databases = self.servers.databases
        return {
            "PUBLIC_URL": self.url,
            "SAGA_ENGINE": "conductor",
            "CONDUCTOR_URL": self.servers.conductor,
            "CARD_NETWORK_URL": databases["card_network"],
            "CATALOG_STARTER": str(_STARTER),
            "TRUSTED_PROXIES": _HOST,
            "IDENTITY_STAFF_EMAIL": self.secrets.staff_email,
            "IDENTITY_STAFF_PASSWORD": self.secrets.staff_password,
            **self._issuer(),
            **{f"{name.upper()}_DATABASE_URL": databases[name] for name in SIX},
            **{
                f"{name.upper()}_RPC": ",".join(_text(self.rpc(p)) for p in self._serving(name))
                for name in SIX
            },
            **self.extra,
        }

    def _issuer(self) -> dict[str, str]:
        if self.servers.realm:
            return {"IDP": "keycloak", "OIDC_ISSUER": self.servers.realm}
        clients = ",".join(f"{name}:{secret}" for name, secret in self.secrets.services.items())
        nearest = _text(self.http(Part("identity", "serve")))
        return {"SERVICE_CLIENTS": clients, "IDENTITY_URL": f"http://{nearest}"}

    def _serving(self, service: str) -> list[Part]:
        return [Part(service, "serve", number) for number in range(1, self.each + 1)]


_OWN_KEYS: Final = "/.well-known/jwks.json"


def _keys(realm: str) -> tuple[Address, str]:
    """Return the address and the path of a realm's keys."""
    authority, _, path = realm.removeprefix("http://").partition("/")
    host, _, port = authority.partition(":")
    return (host, int(port)), f"/{path}/protocol/openid-connect/certs"


def _text(address: Address) -> str:
    return f"{address[0]}:{address[1]}"
