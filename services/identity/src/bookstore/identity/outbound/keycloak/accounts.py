"""Users of a Keycloak as accounts of ours.

Their username is the address in the form it is compared by, so that Keycloak's unique usernames
are our unique addresses; it keeps the address itself in small letters. How somebody typed it is
in the profile.
"""

from typing import Any, Final
from uuid import UUID

import jwt

from bookstore.contracts.idp import User
from bookstore.identity.domain.account import Account, Person, UserId
from bookstore.identity.domain.email import Email
from bookstore.kit.caller import Role

_SERVICE: Final = "service-account-"
_OURS: Final = frozenset(role.value for role in Role)


def user_of(person: Person) -> User:
    """Write who somebody is as Keycloak keeps it."""
    return User(
        username=person.email.key,
        email=person.email.text,
        first_name=person.first_name,
        last_name=person.last_name,
    )


def account_of(user: User, roles: frozenset[Role]) -> Account:
    """Read a user."""
    return Account(
        id=UserId(UUID(user.id)),
        person=_person(user.id or "", user.email, user.first_name, user.last_name),
        roles=roles,
        enabled=user.enabled is not False,
    )


def is_somebody(user: User) -> bool:
    """Whether this is a person: services have users of their own."""
    return not (user.username or "").startswith(_SERVICE)


def account_in(access_token: str) -> Account:
    """Read whose token it is, which came from Keycloak itself a moment ago."""
    claims = jwt.decode(access_token, options={"verify_signature": False})
    return Account(
        id=UserId(UUID(claims["sub"])),
        person=_person(
            claims["sub"], claims.get("email"), claims.get("given_name"), claims.get("family_name")
        ),
        roles=roles_named(claims.get("realm_access", {}).get("roles", [])),
    )


def roles_named(names: Any) -> frozenset[Role]:  # noqa: ANN401 - a claim, or names of roles
    """Return those of the roles that mean something here."""
    return frozenset(Role(name) for name in names if name in _OURS)


def _person(
    user_id: str, email: str | None, first_name: str | None, last_name: str | None
) -> Person:
    """Say who somebody is; whoever was made by hand, without an address, has none that works."""
    return Person(
        email=Email(email or f"{user_id}@unknown.invalid"),
        first_name=first_name or "",
        last_name=last_name or "",
    )
