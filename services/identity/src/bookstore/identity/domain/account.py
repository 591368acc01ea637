"""An account: what the provider knows of a user, and the ways in which it refuses one."""

from dataclasses import dataclass
from typing import Final, NewType
from uuid import UUID

from bookstore.identity.domain.email import Email
from bookstore.kit.caller import Role
from bookstore.kit.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ThrottledError,
    UnauthenticatedError,
    UnavailableError,
)

UserId = NewType("UserId", UUID)

CUSTOMER: Final = frozenset({Role.PROFILE, Role.ORDER, Role.VIEW})
STAFF: Final = frozenset(Role)


class UserNotFoundError(NotFoundError):
    """There is no such user, or no longer."""

    code = "user-not-found"

    def __init__(self, user_id: UserId) -> None:
        super().__init__(f"there is no user {user_id}")


class CredentialsRefusedError(UnauthenticatedError):
    """The e-mail address and the password do not belong together."""

    code = "credentials-refused"

    def __init__(self) -> None:
        super().__init__("this is no e-mail address and password that belong together")


class AccountDisabledError(ForbiddenError):
    """Staff disabled the account; ask them why."""

    code = "account-disabled"

    def __init__(self) -> None:
        super().__init__("this account is disabled")


class TooManyAttemptsError(ThrottledError):
    """Too many wrong passwords: wait as long as Retry-After says."""

    code = "too-many-attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many wrong passwords; try again later", retry_after=retry_after)


class ProviderAwayError(UnavailableError):
    """The identity provider does not answer; who is signed in stays so, others try again."""

    code = "identity-provider-away"

    def __init__(self) -> None:
        super().__init__("the identity provider does not answer; try again", retry_after=5)


class LastAdministratorError(ConflictError):
    """Somebody must be left who can administer users."""

    code = "last-administrator"

    def __init__(self) -> None:
        super().__init__("this is the last account that can administer users")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who somebody says they are."""

    email: Email
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user as the provider knows them."""

    id: UserId
    person: Person
    roles: frozenset[Role]
    enabled: bool = True

    @property
    def administers(self) -> bool:
        """Whether this user can administer users."""
        return self.enabled and Role.SYSTEM in self.roles
