"""How one service proves to another who it is: with an access token of its own."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from bookstore.kit.caller import Role
from bookstore.kit.errors import ForbiddenError, UnavailableError
from bookstore.kit.rpc.context import TokenCheck

if TYPE_CHECKING:
    import httpx

    from bookstore.kit.auth import Authenticator

TIMEOUT_S: Final = 2.0


class _Granted(Struct, frozen=True):
    access_token: str
    expires_in: int


class ServiceTokens:
    """Gets the service's token from the issuer, and a new one at half its life.

    OAuth 2.0 client credentials (RFC 6749, section 4.4). While the issuer is away the old token
    serves to its end.
    """

    def __init__(
        self,
        http: "httpx.AsyncClient",
        url: str,
        *,
        client: str,
        secret: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Name the token endpoint and who asks; nothing is asked yet."""
        self._http = http
        self._url = url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_secret": secret,
        }
        self._now = now
        self._token = ""
        self._renew_at = self._ends_at = now()
        self._renewing = asyncio.Lock()

    async def __call__(self) -> str:
        """Return a token that is good; raises UnavailableError if none can be had."""
        if self._now() < self._renew_at:
            return self._token
        async with self._renewing:
            if self._now() >= self._renew_at:
                await self._renew()
        return self._token

    def forget(self, token: str) -> None:
        """Serve this token no longer, since it was refused: the next call gets another."""
        if token == self._token:
            self._renew_at = self._ends_at = self._now()

    async def _renew(self) -> None:
        from httpx import HTTPError  # noqa: PLC0415 - whoever has no issuer elsewhere needs none

        asked = self._now()
        try:
            answer = await self._http.post(self._url, data=self._form, timeout=TIMEOUT_S)
            answer.raise_for_status()
            granted = msgspec.json.decode(answer.content, type=_Granted)
        except (HTTPError, msgspec.MsgspecError) as error:
            if asked < self._ends_at:
                return
            raise UnavailableError("the issuer gives us no token", retry_after=1) from error
        self._token = granted.access_token
        self._renew_at = asked + granted.expires_in / 2
        self._ends_at = asked + granted.expires_in


def services_only(authenticator: "Authenticator") -> TokenCheck:
    """Believe tokens of services; those of people, even of staff, are none."""

    async def check(token: str) -> None:
        caller = await authenticator.authenticate(token)
        if caller.id is not None or Role.SYSTEM not in caller.roles:
            raise ForbiddenError("this is no service's token")

    return check
