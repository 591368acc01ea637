"""Ending an account."""

from dataclasses import dataclass

from bookstore.identity.application.ports import IdentityProvider, Profiles
from bookstore.identity.domain.account import UserId, UserNotFoundError
from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class DeleteUser:
    """Ends the account first, so that nobody can sign in, then makes the profile anonymous.

    Repeating it changes nothing, and finishes what was cut short.
    """

    provider: IdentityProvider
    transact: Transact[Profiles]
    clock: Clock

    async def __call__(self, user_id: UserId) -> None:
        """End the account; raises UserNotFoundError or LastAdministratorError."""
        accounts = await self.provider.find_all([user_id])
        await self.provider.remove(user_id)
        now = self.clock.now()

        def make_anonymous(profiles: Profiles) -> bool:
            profile = profiles.find(user_id)
            if profile and not profile.deleted:
                profiles.replace(profile.made_anonymous(now))
            return profile is not None

        if not await self.transact(make_anonymous) and not accounts:
            raise UserNotFoundError(user_id)
