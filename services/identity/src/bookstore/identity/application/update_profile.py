"""Changing a user's names, e-mail address or telephone number."""

from dataclasses import dataclass

from bookstore.identity.application.find_users import FindUser, User
from bookstore.identity.application.ports import IdentityProvider, Profiles
from bookstore.identity.domain.account import Person, UserId
from bookstore.identity.domain.profile import Profile
from bookstore.kit.clock import Clock
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProfile:
    """The whole profile as it is to be; `version` is the one to be replaced, None is any."""

    user_id: UserId
    person: Person
    phone: str | None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """Tells the provider first, whose e-mail addresses are unique, then changes the profile.

    Whoever changed it at the same moment wins; the provider is then told their version.
    """

    find: FindUser
    provider: IdentityProvider
    transact: Transact[Profiles]
    clock: Clock

    async def __call__(self, new: NewProfile) -> User:
        """Return the user afterwards.

        Raises UserNotFoundError, VersionMismatchError or EmailTakenError.
        """
        user = await self.find(new.user_id)
        if new.version not in (None, user.profile.version):
            raise VersionMismatchError("the profile has changed meanwhile: read it again")
        changed = user.profile.changed(new.person, new.phone, self.clock.now())
        if new.person != user.profile.person:
            await self.provider.replace_person(new.user_id, new.person)
        await self._replace(changed)
        return User(changed, user.account)

    async def _replace(self, changed: Profile) -> None:
        try:
            await self.transact(lambda profiles: profiles.replace(changed))
        except VersionMismatchError:
            winner = await self.find(changed.id)
            await self.provider.replace_person(changed.id, winner.profile.person)
            raise
