"""A service proves who it is by its secret, and gets a token for calls of its own."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from bookstore.identity.application.ports import AccessToken, Issuer
from bookstore.kit.errors import UnauthenticatedError


class ClientRefusedError(UnauthenticatedError):
    """The client is unknown, or its secret is wrong."""

    code = "client-refused"

    def __init__(self) -> None:
        super().__init__("this is no client and secret that belong together")


@dataclass(frozen=True, slots=True)
class GrantServiceToken:
    """Knows the services' secrets; each is at least 32 random characters, so none is hashed."""

    secrets: Mapping[str, str]
    issuer: Issuer

    async def __call__(self, client: str, secret: str) -> AccessToken:
        """Return a token of the service's own; raises ClientRefusedError."""
        known = self.secrets.get(client, "")
        if not hmac.compare_digest(known.encode(), secret.encode()) or not known:
            raise ClientRefusedError
        return await self.issuer.service_token(client)
