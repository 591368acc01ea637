"""A Keycloak keeps credentials, roles and sessions; attempts are counted here, as ever."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from bookstore.contracts.idp import IdpError, TokenResponse
from bookstore.identity.application.ports import IdentityProvider, Tokens
from bookstore.identity.domain.account import (
    Account,
    AccountDisabledError,
    CredentialsRefusedError,
    Person,
    ProviderAwayError,
    UserId,
)
from bookstore.identity.domain.email import Email, email_key
from bookstore.identity.domain.password import PasswordWrongError, recall
from bookstore.identity.domain.throttle import Attempt
from bookstore.identity.outbound.attempts import SqlAttempts
from bookstore.identity.outbound.keycloak.accounts import account_in
from bookstore.identity.outbound.keycloak.realm import DEADLINE_S, Realm
from bookstore.identity.outbound.keycloak.refusals import about_session, is_shut
from bookstore.identity.outbound.keycloak.users import RealmUsers
from bookstore.kit.caller import Role
from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact

AT_ONCE: Final = 8  # passwords that Keycloak proves for us at a time

_LOG = logging.getLogger("bookstore.identity.keycloak")


class KeycloakProvider(IdentityProvider):
    """Has Keycloak prove passwords and renew sessions, and administers its users."""

    def __init__(self, realm: Realm, attempts: Transact[SqlAttempts], clock: Clock) -> None:
        self._realm = realm
        self._users = RealmUsers(realm)
        self._attempts = attempts
        self._clock = clock
        self._proving = asyncio.Semaphore(AT_ONCE)

    # --- accounts

    async def enrol(self, person: Person, password: str, roles: Collection[Role]) -> Account:
        user_id = await self._users.add(person, password)
        try:
            await self._users.give(user_id, roles)
        except BaseException:  # even if the client hung up: half an account keeps no address
            await asyncio.shield(self._discard(user_id))
            raise
        return Account(id=user_id, person=person, roles=frozenset(roles))

    async def find(self, user_id: UserId) -> Account:
        return await self._users.get(user_id)

    async def find_all(self, user_ids: Collection[UserId]) -> Mapping[UserId, Account]:
        return {account.id: account for account in await self._users.find_all(user_ids)}

    async def find_by_email(self, email: Email) -> Account | None:
        return await self._users.find_by_email(email)

    async def administrators(self) -> Sequence[Account]:
        return await self._users.administrators()

    async def replace_person(self, user_id: UserId, person: Person) -> None:
        await self._users.replace_person(user_id, person)

    async def replace_roles(self, user_id: UserId, roles: Collection[Role]) -> Account:
        return await self._users.replace_roles(user_id, roles)

    async def set_enabled(self, user_id: UserId, *, enabled: bool) -> Account:
        if enabled:
            return await self._users.enable(user_id)
        return await self._users.disable(user_id)

    async def remove(self, user_id: UserId) -> None:
        await self._users.remove(user_id)

    async def _discard(self, user_id: UserId) -> None:
        try:
            await self._users.discard(user_id)
        except (ProviderAwayError, IdpError):
            _LOG.exception(
                "user %s is half made, and could not be removed: do it by hand", user_id
            )

    # --- passwords

    async def change_password(self, user_id: UserId, current: str, new: str, address: str) -> None:
        email = (await self.find(user_id)).person.email.text
        try:
            await self._prove(email, current, address)
        except CredentialsRefusedError:
            raise PasswordWrongError from None
        await self.reset_password(user_id, new)

    async def reset_password(self, user_id: UserId, new: str) -> None:
        await self._users.replace_password(user_id, new)

    # --- sessions

    async def sign_in(self, email: str, password: str, address: str) -> Tokens:
        return _tokens(await self._prove(email, password, address))

    async def renew(self, refresh_token: str) -> Tokens:
        with about_session():
            return _tokens(await self._realm.exchange_refresh_token(refresh_token))

    async def sign_out(self, refresh_token: str) -> None:
        with about_session():
            await self._realm.end_session(refresh_token)

    async def _prove(self, email: str, password: str, address: str) -> TokenResponse:
        """Count the attempt, then have the password proved; if it is right, forget the count.

        Raises CredentialsRefusedError, TooManyAttemptsError or AccountDisabledError.
        """
        attempt = Attempt.at(email, address)
        async with self._turn():
            now = self._clock.now()
            number = await self._attempts(lambda attempts: attempts.count(attempt, now))
            try:
                granted = await self._exchange(email_key(email), recall(password))
            except ProviderAwayError:  # nobody knows whether it was right
                await self._attempts(lambda attempts: attempts.take_back(number))
                raise
            await self._attempts(lambda attempts: attempts.reset(attempt))
        if granted is None:
            raise AccountDisabledError
        return granted

    async def _exchange(self, username: str, password: str | None) -> TokenResponse | None:
        """Exchange a password for tokens; None if it is right, but the account is disabled."""
        if not username or not password:
            raise CredentialsRefusedError
        try:
            return await self._realm.exchange_password(username, password)
        except IdpError as error:
            if is_shut(error):
                return None
            raise CredentialsRefusedError from None

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        """Wait until Keycloak has not too much to do; raises ProviderAwayError."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                await self._proving.acquire()
        except TimeoutError:
            raise ProviderAwayError from None
        try:
            yield
        finally:
            self._proving.release()


def _tokens(granted: TokenResponse) -> Tokens:
    return Tokens(
        account=account_in(granted.access_token),
        access_token=granted.access_token,
        expires_in=granted.expires_in,
        refresh_token=granted.refresh_token or "",
    )
