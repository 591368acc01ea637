"""What identity needs of the world."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bookstore.identity.domain.account import Account, Person, UserId
from bookstore.identity.domain.email import Email
from bookstore.identity.domain.profile import Profile
from bookstore.kit.caller import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a client gets for its user: `expires_in` is of the access token, in seconds."""

    account: Account
    access_token: str
    expires_in: int
    refresh_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What a service gets for itself; it is good for so many seconds."""

    text: str
    expires_in: int


class IdentityProvider(Protocol):
    """Keeps credentials, roles and sessions; its unique e-mail addresses decide who is who.

    Passwords come as `domain.password` leaves them when they are chosen, and as they were typed
    when they are to be proved. Whatever is asked of a provider elsewhere may raise
    ProviderAwayError.
    """

    async def enrol(self, person: Person, password: str, roles: Collection[Role]) -> Account:
        """Make an account; raises EmailTakenError."""
        ...

    async def sign_in(self, email: str, password: str, address: str) -> Tokens:
        """Begin a session; `address` is where the attempt comes from.

        Raises CredentialsRefusedError, TooManyAttemptsError or AccountDisabledError.
        """
        ...

    async def renew(self, refresh_token: str) -> Tokens:
        """Exchange a refresh token for its successor; raises SessionEndedError."""
        ...

    async def sign_out(self, refresh_token: str) -> None:
        """End the token's session, if it goes on; raises SessionEndedError if it is no token."""
        ...

    async def change_password(self, user_id: UserId, current: str, new: str, address: str) -> None:
        """Exchange the password and end every session.

        Raises PasswordWrongError, TooManyAttemptsError or UserNotFoundError.
        """
        ...

    async def reset_password(self, user_id: UserId, new: str) -> None:
        """Set the password and end every session; raises UserNotFoundError."""
        ...

    async def find(self, user_id: UserId) -> Account:
        """Return the account; raises UserNotFoundError."""
        ...

    async def find_all(self, user_ids: Collection[UserId]) -> Mapping[UserId, Account]:
        """Return those of the accounts that exist."""
        ...

    async def find_by_email(self, email: Email) -> Account | None:
        """Return the account with this address, whatever its capitals."""
        ...

    async def administrators(self) -> Sequence[Account]:
        """Return the accounts that can administer users, the oldest first."""
        ...

    async def replace_person(self, user_id: UserId, person: Person) -> None:
        """Say who the user is; raises UserNotFoundError or EmailTakenError."""
        ...

    async def replace_roles(self, user_id: UserId, roles: Collection[Role]) -> Account:
        """Say what the user may do; raises UserNotFoundError or LastAdministratorError."""
        ...

    async def set_enabled(self, user_id: UserId, *, enabled: bool) -> Account:
        """Let the user sign in, or end every session.

        Raises UserNotFoundError or LastAdministratorError.
        """
        ...

    async def remove(self, user_id: UserId) -> None:
        """End the account, if there is one; raises LastAdministratorError."""
        ...


class Issuer(Protocol):
    """Signs tokens beside those of sessions, where the provider is our own."""

    async def service_token(self, client: str) -> AccessToken:
        """Sign what a service proves itself with."""
        ...

    async def id_token(self, account: Account, client: str) -> str:
        """Tell a client who its user is."""
        ...

    async def key_set(self) -> Sequence[Mapping[str, str]]:
        """Return the public keys, as JSON Web Keys."""
        ...

    async def rotate(self) -> str:
        """Sign with a new key from now on, and return its name.

        The old one verifies until the last token it signed has run out.
        """
        ...


class UserSort(StrEnum):
    """By what profiles are sorted."""

    CREATED_AT = "created_at"
    EMAIL = "email"
    LAST_NAME = "last_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which profiles, and which part of them; the id decides between equals."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None
    ids: Collection[UserId] | None = None
    sort: UserSort = UserSort.CREATED_AT
    descending: bool = True
    limit: int = 10
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some profiles, and how many there are in all."""

    total: int
    profiles: Sequence[Profile]


class Profiles(Protocol):
    """All profiles, within one transaction."""

    def keep(self, profile: Profile) -> Profile:
        """Keep a new profile, unless there is one already; return the one that is kept."""
        ...

    def find(self, user_id: UserId) -> Profile | None:
        """Return the profile, even a deleted one."""
        ...

    def replace(self, profile: Profile) -> None:
        """Replace the version before; raises VersionMismatchError if it is no longer there."""
        ...

    def search(self, search: Search) -> Page:
        """Return the matching profiles that are not deleted."""
        ...
