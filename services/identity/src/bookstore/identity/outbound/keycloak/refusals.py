"""What Keycloak refuses, in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from bookstore.contracts.idp import IdpError
from bookstore.identity.domain.account import UserId, UserNotFoundError
from bookstore.identity.domain.email import EmailInvalidError, EmailTakenError
from bookstore.identity.domain.password import PasswordInvalidError
from bookstore.identity.domain.session import SessionEndedError

# Said of whoever has the right password; of a wrong one Keycloak says nothing else than that.
_SHUT: Final = {"Account disabled", "Account is not fully set up"}


def is_shut(error: IdpError) -> bool:
    """Whether the password was right, but staff must open the account first."""
    return error.description in _SHUT


@contextmanager
def about(user_id: UserId | None = None) -> Iterator[None]:
    """Translate what is refused about a user."""
    try:
        yield
    except IdpError as error:
        if error.status == HTTPStatus.NOT_FOUND and user_id is not None:
            raise UserNotFoundError(user_id) from None
        if error.status == HTTPStatus.CONFLICT:
            raise EmailTakenError from None
        if error.status == HTTPStatus.BAD_REQUEST:
            if error.description.startswith("invalidPassword"):  # a password policy of the realm
                raise PasswordInvalidError(error.description) from None
            raise EmailInvalidError(f"it was refused as {error.description}") from None
        raise


@contextmanager
def about_session() -> Iterator[None]:
    """Translate what is refused about a refresh token: forged, used before, or run out."""
    try:
        yield
    except IdpError as error:
        if error.status == HTTPStatus.BAD_REQUEST:
            raise SessionEndedError from None
        raise
