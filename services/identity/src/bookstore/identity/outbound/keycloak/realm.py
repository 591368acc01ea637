"""A realm of a Keycloak: asked with a deadline, by the client `identity` that lives there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, NoReturn, TypeVar

import httpx
from msgspec import MsgspecError

from bookstore.contracts.idp import (
    IdpError,
    LogoutRequest,
    OpenIDConnectApi,
    RolesApi,
    TokenRequest,
    TokenResponse,
    UsersApi,
)
from bookstore.identity.domain.account import ProviderAwayError
from bookstore.kit.errors import UnavailableError
from bookstore.kit.rpc import ServiceTokens

ResultT = TypeVar("ResultT")

CLIENT: Final = "identity"
DEADLINE_S: Final = 5.0  # Keycloak hashes a password within a second, even on a busy machine

_LOG = logging.getLogger("bookstore.identity.keycloak")
_REFUSES_US: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class Realm:
    """Asks, and tells two ways of no apart.

    What Keycloak refuses is an IdpError, which the provider understands; ProviderAwayError is
    all else: it is away or late, broken, or does not know identity.
    """

    def __init__(
        self,
        name: str,
        secret: str,
        http: httpx.AsyncClient,
        tokens: ServiceTokens,
        deadline: float = DEADLINE_S,
    ) -> None:
        self.name = name
        self.users = UsersApi(http)
        self.roles = RolesApi(http)
        self._connect = OpenIDConnectApi(http)
        self._secret = secret
        self._tokens = tokens
        self._deadline = deadline

    async def exchange_password(self, username: str, password: str) -> TokenResponse:
        """Begin a session; raises IdpError."""
        return await self._grant(
            TokenRequest(
                grant_type="password",
                client_id=CLIENT,
                client_secret=self._secret,
                username=username,
                password=password,
            )
        )

    async def exchange_refresh_token(self, refresh_token: str) -> TokenResponse:
        """Go on with a session; raises IdpError."""
        return await self._grant(
            TokenRequest(
                grant_type="refresh_token",
                client_id=CLIENT,
                client_secret=self._secret,
                refresh_token=refresh_token,
            )
        )

    async def end_session(self, refresh_token: str) -> None:
        """End a session, which may have ended already; raises IdpError for what is no token."""
        request = LogoutRequest(
            client_id=CLIENT, client_secret=self._secret, refresh_token=refresh_token
        )
        await self._ask(self._connect.end_session(self.name, request))

    async def administer(
        self, call: Callable[..., Awaitable[ResultT]], *parts: object, **options: object
    ) -> ResultT:
        """Make a call of `users` or `roles` with identity's own token; raises IdpError.

        A token that is refused is exchanged once: Keycloak may have new keys, or be a new one.
        """
        token = await self._token()
        try:
            return await self._ask(call(self.name, *parts, token=token, **options))
        except IdpError as error:
            if error.status not in _REFUSES_US:
                raise
        self._tokens.forget(token)
        token = await self._token()
        try:
            return await self._ask(call(self.name, *parts, token=token, **options))
        except IdpError as error:
            if error.status in _REFUSES_US:
                _give_up("may not administer users", error)
            raise

    async def _token(self) -> str:
        try:
            return await self._tokens()
        except UnavailableError as error:
            raise ProviderAwayError from error

    async def _grant(self, request: TokenRequest) -> TokenResponse:
        try:
            return await self._ask(self._connect.request_token(self.name, request))
        except IdpError as error:
            if error.error in {"unauthorized_client", "invalid_client"}:
                _give_up("is not known by its secret", error)
            raise

    async def _ask(self, answer: Awaitable[ResultT]) -> ResultT:
        try:
            async with asyncio.timeout(self._deadline):
                return await answer
        except (httpx.HTTPError, MsgspecError, TimeoutError) as error:
            raise ProviderAwayError from error
        except IdpError as error:
            busy = error.status == HTTPStatus.TOO_MANY_REQUESTS
            if busy or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise ProviderAwayError from error
            raise


def _give_up(reason: str, error: IdpError) -> NoReturn:
    """Tell staff, not customers, what they alone can mend."""
    _LOG.error("the client %s %s: %s", CLIENT, reason, error)
    raise ProviderAwayError from error
