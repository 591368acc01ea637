"""Tokens as the realm would issue them, and such as it would not: who shows what at the mesh."""

import functools
import json
import time
from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ISSUER: Final = "https://id.example/realms/bookstore"
AUDIENCE: Final = "bookstore"
ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("view", "profile", "order"),
    "staff": ("view", "manage"),
    "service": ("system",),
    "nobody in particular": (),
}
REFUSED: Final = ("expired", "another issuer's", "another key's", "another audience's")


@functools.lru_cache
def shown() -> Mapping[str, str]:
    """Return each token by its name: those of ROLES are good, those of REFUSED are not."""
    good = {name: _signed(roles=roles) for name, roles in ROLES.items()}
    everything = ("view", "profile", "order", "manage", "system")
    bad = {
        "expired": _signed(roles=everything, exp=int(time.time()) - 600),
        "another issuer's": _signed(roles=everything, iss="https://elsewhere.example"),
        "another key's": _signed(roles=everything, key=_key("another")),
        "another audience's": _signed(roles=everything, aud="another-shop"),
    }
    return good | bad


def key_set() -> str:
    """Return the realm's public keys, as Keycloak would show them."""
    public = json.loads(RSAAlgorithm.to_jwk(_key("realm").public_key()))
    return json.dumps({"keys": [public | {"kid": "realm", "alg": "RS256", "use": "sig"}]})


@functools.lru_cache
def _key(_name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _signed(*, roles: tuple[str, ...], key: rsa.RSAPrivateKey | None = None, **claims: Any) -> str:  # noqa: ANN401 — a claim is any JSON
    said = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "0192d3a4-0000-7000-8000-000000000001",
        "exp": int(time.time()) + 3600,
        "realm_access": {"roles": [*roles]},
    }
    return jwt.encode(said | claims, key or _key("realm"), "RS256", headers={"kid": "realm"})
