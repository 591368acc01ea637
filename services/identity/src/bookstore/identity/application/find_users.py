"""Finding users: a profile of ours, and what the provider says they may do."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookstore.identity.application.ports import IdentityProvider, Profiles, Search
from bookstore.identity.domain.account import Account, UserId, UserNotFoundError
from bookstore.identity.domain.profile import Profile
from bookstore.kit.caller import Role
from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class User:
    """A user as others see them; one whose account ended meanwhile may do nothing."""

    profile: Profile
    account: Account | None

    @property
    def roles(self) -> Sequence[Role]:
        """What the user may do, the most powerful role first."""
        return [role for role in Role if self.account and role in self.account.roles]

    @property
    def enabled(self) -> bool:
        """Whether the user may sign in."""
        return self.account is not None and self.account.enabled


@dataclass(frozen=True, slots=True)
class UserPage:
    """Some users, and how many there are in all."""

    total: int
    users: Sequence[User]


@dataclass(frozen=True, slots=True)
class FindUser:
    """Finds one user; a profile that is missing is made of what the provider knows."""

    provider: IdentityProvider
    read: Transact[Profiles]
    transact: Transact[Profiles]
    clock: Clock

    async def __call__(self, user_id: UserId) -> User:
        """Return the user; raises UserNotFoundError."""
        profile = await self.read(lambda profiles: profiles.find(user_id))
        if profile and profile.deleted:
            raise UserNotFoundError(user_id)
        account = await self.provider.find(user_id)
        if profile is None:
            made = Profile.of(account, self.clock.now())
            profile = await self.transact(lambda profiles: profiles.keep(made))
        return User(profile, account)


@dataclass(frozen=True, slots=True)
class FindUsers:
    """Finds the users that match, a page at a time."""

    provider: IdentityProvider
    read: Transact[Profiles]

    async def __call__(self, search: Search) -> UserPage:
        """Return the page; the search says which."""
        page = await self.read(lambda profiles: profiles.search(search))
        accounts = await self.provider.find_all([profile.id for profile in page.profiles])
        users = [User(profile, accounts.get(profile.id)) for profile in page.profiles]
        return UserPage(page.total, users)
