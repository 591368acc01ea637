"""Signs tokens, and knows the keys they verify with."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import jwt

from bookstore.identity.application.ports import AccessToken, Issuer
from bookstore.identity.domain.account import Account
from bookstore.identity.outbound.builtin.keys import SigningKey, new_key
from bookstore.identity.outbound.builtin.vault import Vault
from bookstore.kit.auth import Key, Keys
from bookstore.kit.caller import Role
from bookstore.kit.clock import Clock
from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import Transact

LIFETIME = timedelta(minutes=15)
CLIENT = "bookstore"  # whom the tokens of users are for

_FRESH = timedelta(minutes=1)  # so long another process may sign with a key retired here
_PAUSE = timedelta(seconds=1)
_LEEWAY = timedelta(seconds=5)
_TRUSTED = LIFETIME + _FRESH + _LEEWAY  # after a key retired


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Who signs, and for whom: `iss` and `aud`."""

    issuer: str
    audience: str


class TokenSigner(Issuer, Keys):
    """Signs with the newest key; a retired one verifies until its last token has run out.

    The keys are read again after a minute, or when one is asked for that is not among them, so
    that several processes may rotate them.
    """

    def __init__(self, vault: Transact[Vault], names: Names, clock: Clock) -> None:
        self._vault = vault
        self._names = names
        self._clock = clock
        self._keys: Mapping[str, SigningKey] = {}
        self._read_at: datetime | None = None
        self._turning = asyncio.Lock()  # one reads, rotates or makes the first key at a time

    async def access_token(self, account: Account) -> AccessToken:
        """Sign what a user shows to our services."""
        claims = {
            "sub": str(account.id),
            "client_id": CLIENT,
            "email": account.person.email.text,
            "given_name": account.person.first_name,
            "family_name": account.person.last_name,
        }
        return await self._access_token(claims, account.roles)

    async def service_token(self, client: str) -> AccessToken:
        return await self._access_token({"sub": client, "client_id": client}, {Role.SYSTEM})

    async def id_token(self, account: Account, client: str) -> str:
        claims = {
            "sub": str(account.id),
            "aud": client,
            "email": account.person.email.text,
            "given_name": account.person.first_name,
            "family_name": account.person.last_name,
        }
        return await self._sign("JWT", {**claims, "typ": "ID"})

    async def key_set(self) -> Sequence[Mapping[str, str]]:
        await self._current()
        return [key.public.as_jwk() for key in self._trusted()]

    async def find(self, kid: str) -> Key | None:
        if kid not in self._keys:
            async with self._turning:
                await self._read(_PAUSE)
        return next((key.public for key in self._trusted() if key.kid == kid), None)

    async def rotate(self) -> str:
        async with self._turning:
            return await self._rotate()

    async def _rotate(self) -> str:
        now = self._clock.now()
        key = await asyncio.to_thread(new_key, _named(now), now)

        def add(vault: Vault) -> list[SigningKey]:
            vault.keys.forget(now - _TRUSTED)
            vault.keys.add(key)
            return vault.keys.all()

        self._know(await self._vault(add))
        return key.kid

    async def _access_token(self, claims: dict[str, str], roles: Iterable[Role]) -> AccessToken:
        named: dict[str, object] = {
            **claims,
            "aud": self._names.audience,
            "realm_access": {"roles": sorted(role.value for role in roles)},
        }
        text = await self._sign("at+jwt", named)
        return AccessToken(text=text, expires_in=int(LIFETIME.total_seconds()))

    async def _sign(self, kind: str, claims: dict[str, object]) -> str:
        key = await self._current()
        now = self._clock.now()
        times = {"iss": self._names.issuer, "iat": now, "exp": now + LIFETIME, "jti": uuid7().hex}
        headers = {"kid": key.kid, "typ": kind}
        return jwt.encode({**claims, **times}, key.private, algorithm="RS256", headers=headers)

    async def _current(self) -> SigningKey:
        """Return the key to sign with; the first of all is made when it is needed."""
        async with self._turning:
            await self._read(_FRESH)
            if not self._keys:
                await self._rotate()
        return next(key for key in self._keys.values() if key.retired_at is None)

    async def _read(self, age: timedelta) -> None:
        """Read the keys again, unless that was done within `age`."""
        if self._read_at is None or self._clock.now() - self._read_at >= age:
            self._know(await self._vault(lambda vault: vault.keys.all()))

    def _know(self, keys: Iterable[SigningKey]) -> None:
        self._keys = {key.kid: key for key in keys}
        self._read_at = self._clock.now()

    def _trusted(self) -> list[SigningKey]:
        since = self._clock.now() - _TRUSTED
        return [
            key for key in self._keys.values() if key.retired_at is None or key.retired_at > since
        ]


def _named(now: datetime) -> str:
    """Name a key by its day and by chance; for the letter between it is no card's number."""
    return f"{now:%Y-%m-%d}-k{uuid4().hex[:8]}"
