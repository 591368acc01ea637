"""From a token to a caller: the port that both transports ask."""

from collections.abc import Mapping
from typing import Protocol

from bookstore.kit.caller import Caller
from bookstore.kit.errors import UnauthenticatedError


class TokenRefusedError(UnauthenticatedError):
    """The access token is not one of ours, is damaged, or has run out: sign in again."""

    code = "token-refused"


class Authenticator(Protocol):
    """Knows callers by their access tokens."""

    async def authenticate(self, token: str) -> Caller:
        """Return whose token it is.

        Raises TokenRefusedError, or UnavailableError while nobody can tell.
        """
        ...


class KnownCallers(Authenticator):
    """Knows the callers it was told, by made-up tokens: for tests."""

    def __init__(self, callers: Mapping[str, Caller]) -> None:
        self._callers = callers

    async def authenticate(self, token: str) -> Caller:
        try:
            return self._callers[token]
        except KeyError:
            raise TokenRefusedError("this token is unknown") from None
