"""What administrators do to accounts; the provider sees to it that one of them is left."""

from collections.abc import Collection
from dataclasses import dataclass

from bookstore.identity.application.find_users import FindUser, User
from bookstore.identity.application.ports import IdentityProvider
from bookstore.identity.domain.account import UserId
from bookstore.kit.caller import Role


@dataclass(frozen=True, slots=True)
class AdministerUsers:
    """Says what a user may do, and whether they may sign in; answers with the user.

    Each raises UserNotFoundError or LastAdministratorError.
    """

    find: FindUser
    provider: IdentityProvider

    async def replace_roles(self, user_id: UserId, roles: Collection[Role]) -> User:
        """Say what the user may do from their next access token on."""
        user = await self.find(user_id)
        return User(user.profile, await self.provider.replace_roles(user_id, frozenset(roles)))

    async def enable(self, user_id: UserId) -> User:
        """Let the user sign in again."""
        user = await self.find(user_id)
        return User(user.profile, await self.provider.set_enabled(user_id, enabled=True))

    async def disable(self, user_id: UserId) -> User:
        """End every session of the user, and begin none."""
        user = await self.find(user_id)
        return User(user.profile, await self.provider.set_enabled(user_id, enabled=False))
