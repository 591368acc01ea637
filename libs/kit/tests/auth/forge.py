"""Makes tokens, good ones and others: what an issuer and its enemies would need."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt import PyJWS

from bookstore.kit.auth import Algorithm, Key

ISSUER = "https://books.example"
AUDIENCE = "bookstore"
NOW = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
ALICE = "01890a5d-ac96-774b-bcce-b302099a8057"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(name: str = "ours", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the RSA key of this name; always the same one."""
    del name  # only the cache needs it
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str = "ours") -> ec.EllipticCurvePrivateKey:
    del name  # only the cache needs it
    return ec.generate_private_key(ec.SECP256R1())


def public(kid: str, private: PrivateKey) -> Key:
    if isinstance(private, rsa.RSAPrivateKey):
        return Key(kid=kid, algorithm=Algorithm.RS256, public=private.public_key())
    return Key(kid=kid, algorithm=Algorithm.ES256, public=private.public_key())


def header(**changes: Any) -> dict[str, Any]:
    """Return a good header; a change to None leaves the member out."""
    return without_none({"alg": "RS256", "typ": "at+jwt", "kid": "rsa", **changes})


def claims(**changes: Any) -> dict[str, Any]:
    """Return good claims; a change to None leaves the claim out."""
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": ALICE,
        "email": "alice@books.example",
        "realm_access": {"roles": ["profile", "order", "view"]},
        "iat": NOW,
        "exp": NOW + 900,
    }
    return without_none({**good, **changes})


def without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def encode(part: Any) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def sign(
    head: Any = None,
    body: Any = None,
    key: Any = None,
    algorithm: str | None = None,
) -> str:
    """Sign any two parts, whatever they say, with any key."""
    head = header() if head is None else head
    algorithm = algorithm or (head.get("alg") if isinstance(head, dict) else None) or "RS256"
    signed = f"{encode(head)}.{encode(claims() if body is None else body)}"
    signer = PyJWS().get_algorithm_by_name(algorithm)
    signature = signer.sign(signed.encode(), signer.prepare_key(key or rsa_key()))
    return f"{signed}.{encode(signature)}"
