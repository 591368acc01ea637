"""What a token says, checked: for whom, by whom, from when until when (RFC 7519, 9068)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from bookstore.kit.auth.callers import TokenRefusedError
from bookstore.kit.caller import Caller, Role

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_LATEST = 2**53
_ROLES = frozenset(role.value for role in Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What we expect of a token: its issuer, that we are meant, and how far clocks may differ."""

    issuer: str
    audience: str
    leeway: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        if not timedelta() <= self.leeway <= timedelta(seconds=5):
            raise ValueError("a token is not good for more than five seconds longer than it says")

    def check(self, claims: dict[str, Any], now: float, *, access_token: bool) -> None:
        """Raise TokenRefusedError unless the token is meant for us, and for now.

        `access_token` is whether its header says so (RFC 9068); if not, a claim must: it is
        Keycloak's way to tell access tokens from ID and refresh tokens.
        """
        if not access_token and claims.get("typ") != "Bearer":
            raise TokenRefusedError("this is no access token")
        if claims.get("iss") != self.issuer:
            raise TokenRefusedError("the token is from another issuer")
        if not self._is_for_us(claims.get("aud")):
            raise TokenRefusedError("the token is meant for somebody else")
        self._check_times(claims, now)

    def _is_for_us(self, audience: object) -> bool:
        if isinstance(audience, list):
            return self.audience in audience and all(isinstance(name, str) for name in audience)
        return audience == self.audience

    def _check_times(self, claims: dict[str, Any], now: float) -> None:
        leeway = self.leeway.total_seconds()
        issued, expires = _instant(claims, "iat"), _instant(claims, "exp")
        begins = _instant(claims, "nbf") if "nbf" in claims else issued
        if now >= expires + leeway:
            raise TokenRefusedError("the token has run out")
        if max(issued, begins) > now + leeway:
            raise TokenRefusedError("the token is not good yet")
        if expires <= issued:
            raise TokenRefusedError("the token ran out before it was issued")


def read_caller(claims: dict[str, Any]) -> Caller:
    """Say who it is; a service that acts for itself is its own client, and has no id."""
    subject, client = claims.get("sub"), claims.get("client_id")
    if not isinstance(subject, str) or not subject:
        raise TokenRefusedError("the token is nobody's")
    if _UUID.fullmatch(subject):
        user = UUID(subject)
    elif subject == client:
        user = None
    else:
        raise TokenRefusedError("the token's subject is nobody we know")
    email = claims.get("email", "")
    return Caller(
        id=user, email=email if isinstance(email, str) else "", roles=_read_roles(claims)
    )


def _read_roles(claims: dict[str, Any]) -> frozenset[Role]:
    """Read the roles, as our own issuer and Keycloak write them; those we do not know are none."""
    access = claims.get("realm_access")
    names = access.get("roles") if isinstance(access, dict) else None
    if not isinstance(names, list):
        return frozenset()
    return frozenset(Role(name) for name in names if isinstance(name, str) and name in _ROLES)


def _instant(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LATEST:
        raise TokenRefusedError(f"the token's {name} is no instant")
    return value
