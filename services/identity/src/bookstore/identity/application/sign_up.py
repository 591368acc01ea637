"""Signing up."""

from dataclasses import dataclass

from bookstore.identity.application.ports import IdentityProvider, Profiles
from bookstore.identity.domain.account import CUSTOMER, Person, UserId
from bookstore.identity.domain.password import choose
from bookstore.identity.domain.profile import Profile
from bookstore.kit.clock import Clock
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Somebody who wants an account."""

    person: Person
    password: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class SignUp:
    """Makes the account first, whose e-mail address decides, then its profile.

    Should we stop in between, the profile is made when it is first asked for.
    """

    provider: IdentityProvider
    transact: Transact[Profiles]
    clock: Clock

    async def __call__(self, registration: Registration) -> UserId:
        """Return the new user's id; raises PasswordInvalidError or EmailTakenError."""
        password = choose(registration.password)
        account = await self.provider.enrol(registration.person, password, CUSTOMER)
        profile = Profile.of(account, self.clock.now(), registration.phone)
        await self.transact(lambda profiles: profiles.keep(profile))
        return account.id
