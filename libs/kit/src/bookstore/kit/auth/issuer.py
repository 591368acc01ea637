"""Who issues the access tokens, and where: identity itself, or a realm of a Keycloak."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

Idp: TypeAlias = Literal["builtin", "keycloak"]

_REALM = re.compile(r"https?://[^/?#]+(/[^/?#]+)*/realms/[^/?#]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """What its tokens name as `iss`, and where its keys and a service's own token are had."""

    name: str
    keys_url: str
    token_url: str

    @classmethod
    def builtin(cls, public_url: str, identity_url: str = "") -> Self:
        """Name identity the issuer; services may reach it elsewhere than clients do."""
        name = public_url.rstrip("/")
        near = identity_url.rstrip("/") or name
        return cls(
            name=name, keys_url=f"{near}/.well-known/jwks.json", token_url=f"{near}/oauth/token"
        )

    @classmethod
    def keycloak(cls, oidc_issuer: str, oidc_url: str = "") -> Self:
        """Name a realm the issuer; services may reach it elsewhere than clients do."""
        near = f"{realm_url(oidc_issuer, oidc_url)}/protocol/openid-connect"
        return cls(
            name=oidc_issuer.rstrip("/"), keys_url=f"{near}/certs", token_url=f"{near}/token"
        )


def realm_url(oidc_issuer: str, oidc_url: str = "") -> str:
    """Return where services reach the realm."""
    return (oidc_url or oidc_issuer).rstrip("/")


def issuer_problems(idp: Idp, oidc_issuer: str, oidc_url: str) -> Iterator[str]:
    """Say what is wrong with OIDC_ISSUER and OIDC_URL, alone and together with IDP."""
    given = {"OIDC_ISSUER": oidc_issuer, "OIDC_URL": oidc_url}
    for name, url in given.items():
        if url and idp == "builtin":
            yield f"{name}: is set, but IDP is builtin; which of the two issues the tokens?"
        elif url and not _REALM.fullmatch(url.rstrip("/")):
            yield f"{name}: this is no realm such as https://id.example/realms/bookstore"
    if idp == "keycloak" and not oidc_issuer:
        yield "OIDC_ISSUER: is not set, but IDP is keycloak; which realm issues the tokens?"
