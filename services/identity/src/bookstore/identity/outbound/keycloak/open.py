"""What a Keycloak needs opened: a client with deadlines, and identity's own token."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from bookstore.identity.outbound.attempts import SqlAttempts
from bookstore.identity.outbound.keycloak.provider import KeycloakProvider
from bookstore.identity.outbound.keycloak.realm import CLIENT, DEADLINE_S, Realm
from bookstore.kit.auth import Issuer, Keys, RemoteKeys
from bookstore.kit.clock import Clock
from bookstore.kit.rpc import ServiceTokens
from bookstore.kit.transaction import Transact

_CONNECT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Keycloak:
    """The provider, and the keys its tokens are signed with."""

    provider: KeycloakProvider
    keys: Keys


@asynccontextmanager
async def open_keycloak(  # noqa: PLR0913 - what it stands on; all but the transport is needed
    issuer: Issuer,
    *,
    url: str,
    secret: str,
    attempts: Transact[SqlAttempts],
    clock: Clock,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncGenerator[Keycloak]:
    """Open the realm at the URL, which ends with `/realms/<name>`; nothing is asked yet."""
    base, _, name = url.rpartition("/realms/")
    timeout = httpx.Timeout(DEADLINE_S, connect=_CONNECT_S)
    async with httpx.AsyncClient(base_url=base, timeout=timeout, transport=transport) as http:
        tokens = ServiceTokens(http, issuer.token_url, client=CLIENT, secret=secret)
        realm = Realm(name, secret, http, tokens)
        yield Keycloak(KeycloakProvider(realm, attempts, clock), RemoteKeys(issuer.keys_url, http))
