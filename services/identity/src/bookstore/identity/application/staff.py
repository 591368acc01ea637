"""The account with which the store is run: made at the first start, or given a new password."""

import secrets
from dataclasses import dataclass

from bookstore.identity.application.ports import IdentityProvider, Profiles
from bookstore.identity.domain.account import (
    STAFF,
    Account,
    AccountDisabledError,
    CredentialsRefusedError,
    Person,
    TooManyAttemptsError,
)
from bookstore.identity.domain.email import Email
from bookstore.identity.domain.password import choose
from bookstore.identity.domain.profile import Profile
from bookstore.kit.caller import Role
from bookstore.kit.clock import Clock
from bookstore.kit.errors import NotFoundError
from bookstore.kit.transaction import Transact

_STAFF_ONLY = frozenset({Role.SYSTEM, Role.MANAGE})

_ADDRESS = "a process that starts"  # where these attempts to sign in come from

DEFAULT_EMAIL = "staff@bookstore.example"


class StaffNotFoundError(NotFoundError):
    """There is no staff account, or none with this e-mail address."""

    code = "staff-not-found"


@dataclass(frozen=True, slots=True)
class StaffCredentials:
    """How staff sign in: to be shown once, and kept nowhere."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Sees to it that somebody can run the store."""

    provider: IdentityProvider
    transact: Transact[Profiles]
    clock: Clock

    async def ensure(
        self, email: str | None = None, password: str | None = None
    ) -> StaffCredentials | None:
        """Make a staff account unless there is one, and return how to sign in with it.

        If an address is named, it is that account that must be there; its password is left alone
        if it is. Without a password one is made up. Nobody's account is promoted: the address
        of a customer is taken; but an account that opens with our own password is ours, left
        half made when the provider's answer was lost, and is finished.
        Raises EmailInvalidError, PasswordInvalidError or EmailTakenError.
        """
        wanted = Email.typed(email or DEFAULT_EMAIL)
        if email is None and await self.provider.administrators():
            return None
        known = await self.provider.find_by_email(wanted)
        if known and not known.roles.isdisjoint(_STAFF_ONLY):
            return None
        chosen = password or _made_up()
        if known and await self._opens(wanted, chosen):
            account = await self.provider.replace_roles(known.id, STAFF)
        else:
            person = Person(email=wanted, first_name="Store", last_name="Staff")
            account = await self.provider.enrol(person, choose(chosen), STAFF)
        profile = Profile.of(account, self.clock.now())
        await self.transact(lambda profiles: profiles.keep(profile))
        return StaffCredentials(wanted.text, chosen)

    async def reset(
        self, email: str | None = None, password: str | None = None
    ) -> StaffCredentials:
        """Give a staff account a new password, the oldest if none is named, and enable it.

        Raises StaffNotFoundError, EmailInvalidError or PasswordInvalidError.
        """
        account = await self._find(email)
        chosen = password or _made_up()
        await self.provider.reset_password(account.id, choose(chosen))
        await self.provider.set_enabled(account.id, enabled=True)
        return StaffCredentials(account.person.email.text, chosen)

    async def _opens(self, email: Email, password: str) -> bool:
        try:
            session = await self.provider.sign_in(email.text, password, _ADDRESS)
        except (CredentialsRefusedError, AccountDisabledError, TooManyAttemptsError):
            return False
        await self.provider.sign_out(session.refresh_token)
        return True

    async def _find(self, email: str | None) -> Account:
        if email is not None:
            account = await self.provider.find_by_email(Email(email))
        else:
            account = next(iter(await self.provider.administrators()), None)
        if account is None or account.roles.isdisjoint(_STAFF_ONLY):
            raise StaffNotFoundError("there is no such staff account")
        return account


def _made_up() -> str:
    """Return a password of 120 random bits."""
    return secrets.token_urlsafe(15)
