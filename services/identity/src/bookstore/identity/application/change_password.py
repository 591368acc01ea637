"""Changing one's password."""

from dataclasses import dataclass

from bookstore.identity.application.ports import IdentityProvider
from bookstore.identity.domain.account import UserId
from bookstore.identity.domain.password import choose


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChange:
    """Who replaces which password by which, and from where."""

    user_id: UserId
    current: str
    new: str
    address: str


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Has the current password proved, then ends every session."""

    provider: IdentityProvider

    async def __call__(self, change: PasswordChange) -> None:
        """Raise PasswordInvalidError, PasswordWrongError or TooManyAttemptsError, or do it."""
        new = choose(change.new, pointer="/new_password")
        await self.provider.change_password(change.user_id, change.current, new, change.address)
