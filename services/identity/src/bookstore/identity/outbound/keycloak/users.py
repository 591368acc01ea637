"""Administration of a Keycloak's users, by its admin API.

Keycloak has no transaction over several requests. So each change is one request where it can be;
where it cannot, what is done first is what is safe to be left with.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from bookstore.contracts.idp import Credential, IdpError, User
from bookstore.identity.domain.account import (
    Account,
    LastAdministratorError,
    Person,
    UserId,
    UserNotFoundError,
)
from bookstore.identity.domain.email import Email
from bookstore.identity.outbound.keycloak.accounts import account_of, is_somebody, user_of
from bookstore.identity.outbound.keycloak.realm import Realm
from bookstore.identity.outbound.keycloak.refusals import about
from bookstore.identity.outbound.keycloak.roles import RealmRoles
from bookstore.kit.caller import Role

_AT_ONCE: Final = 8  # users whose roles are read at a time
_MOST: Final = 1000  # administrators
_IDS: Final = 100  # in one request


class RealmUsers:
    """The realm's users; those that services have are none."""

    def __init__(self, realm: Realm) -> None:
        self._roles = RealmRoles(realm)
        self._api = realm.users
        self._list_role_users = realm.roles.list_role_users
        self._ask = realm.administer
        self._reading = asyncio.Semaphore(_AT_ONCE)

    async def add(self, person: Person, password: str) -> UserId:
        """Make a user with the realm's default role; raises EmailTakenError."""
        user = replace(user_of(person), enabled=True, credentials=[_credential(password)])
        with about():
            return UserId(UUID(await self._ask(self._api.create_user, user)))

    async def get(self, user_id: UserId) -> Account:
        """Return a user; raises UserNotFoundError."""
        with about(user_id):
            user = await self._ask(self._api.get_user, str(user_id))
            if not is_somebody(user):
                raise UserNotFoundError(user_id)
            return account_of(user, await self._roles.of(str(user_id)))

    async def find_all(self, user_ids: Collection[UserId]) -> Sequence[Account]:
        """Return those of the users that exist."""
        wanted = [str(user_id) for user_id in user_ids]
        found: list[Account] = []
        for first in range(0, len(wanted), _IDS):
            named = "id:" + " ".join(wanted[first : first + _IDS])
            found += await self._search(search=named)
        return found

    async def find_by_email(self, email: Email) -> Account | None:
        """Return the user with this address; one made by hand may have another username."""
        found = await self._search(username=email.key, exact=True)
        found = found or await self._search(email=email.text, exact=True)
        return found[0] if found else None

    async def administrators(self) -> Sequence[Account]:
        """Return the users who can administer users, the oldest first."""
        users = await self._ask(self._list_role_users, Role.SYSTEM.value, max=_MOST)
        users.sort(key=lambda user: (user.created_timestamp or 0, user.id or ""))
        return [account for account in await self._accounts(users) if account.administers]

    async def replace_person(self, user_id: UserId, person: Person) -> None:
        """Say who the user is; raises UserNotFoundError or EmailTakenError."""
        await self._change(user_id, user_of(person))

    async def replace_password(self, user_id: UserId, password: str) -> None:
        """Set the password and end every session; raises UserNotFoundError.

        They end before it, so that none goes on should we be cut short, and those that the old
        password began meanwhile end after it.
        """
        with about(user_id):
            await self._ask(self._api.end_user_sessions, str(user_id))
            await self._ask(self._api.reset_password, str(user_id), _credential(password))
            await self._ask(self._api.end_user_sessions, str(user_id))

    async def give(self, user_id: UserId, roles: Collection[Role]) -> None:
        """Say what a user may do; raises UserNotFoundError."""
        with about(user_id):
            await self._roles.replace(str(user_id), roles)

    async def replace_roles(self, user_id: UserId, roles: Collection[Role]) -> Account:
        """Say what a user may do; raises UserNotFoundError or LastAdministratorError."""
        account = await self.get(user_id)
        if Role.SYSTEM in roles:
            await self.give(user_id, roles)
        else:
            await self._let_go(
                account,
                lambda: self.give(user_id, roles),
                lambda: self.give(user_id, account.roles),
            )
        return await self.get(user_id)

    async def enable(self, user_id: UserId) -> Account:
        """Let a user sign in; raises UserNotFoundError."""
        await self._change(user_id, User(enabled=True))
        return await self.get(user_id)

    async def disable(self, user_id: UserId) -> Account:
        """End every session of a user; raises UserNotFoundError or LastAdministratorError."""
        await self._let_go(
            await self.get(user_id),
            lambda: self._change(user_id, User(enabled=False)),
            lambda: self._change(user_id, User(enabled=True)),
        )
        with about(user_id):
            await self._ask(self._api.end_user_sessions, str(user_id))
        return await self.get(user_id)

    async def remove(self, user_id: UserId) -> None:
        """Forget a user, if there is one; raises LastAdministratorError."""
        try:
            account = await self.get(user_id)
        except UserNotFoundError:
            return
        if account.administers:
            await self._let_go(
                account,
                lambda: self.give(user_id, account.roles - {Role.SYSTEM}),
                lambda: self.give(user_id, account.roles),
            )
        await self.discard(user_id)

    async def discard(self, user_id: UserId) -> None:
        """Forget a user, whoever it is, if there is one."""
        with suppress(UserNotFoundError), about(user_id):
            await self._ask(self._api.delete_user, str(user_id))

    async def _let_go(
        self,
        account: Account,
        leave: Callable[[], Awaitable[None]],
        come_back: Callable[[], Awaitable[None]],
    ) -> None:
        """Let somebody leave: the last administrator stays, and so do two who leave at once."""
        if account.administers and [one.id for one in await self.administrators()] == [account.id]:
            raise LastAdministratorError
        await leave()
        if account.administers and not await self.administrators():
            await come_back()
            raise LastAdministratorError

    async def _change(self, user_id: UserId, user: User) -> None:
        with about(user_id):
            await self._ask(self._api.update_user, str(user_id), user)

    async def _search(self, **terms: object) -> list[Account]:
        return await self._accounts(await self._ask(self._api.list_users, **terms))

    async def _accounts(self, users: Sequence[User]) -> list[Account]:
        """Read the roles of users; whoever is gone meanwhile is left out."""

        async def read(user: User) -> Account | None:
            try:
                async with self._reading:
                    return account_of(user, await self._roles.of(user.id or ""))
            except IdpError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                return None

        found = await asyncio.gather(*(read(user) for user in users if is_somebody(user)))
        return [account for account in found if account is not None]


def _credential(password: str) -> Credential:
    return Credential(type="password", value=password, temporary=False)
