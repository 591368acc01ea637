"""The public keys that access tokens are signed with, as JSON Web Keys (RFC 7517)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, cast

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWTError
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey

_SMALLEST_RSA = 2048  # bits: RFC 7518, section 3.3


class Algorithm(StrEnum):
    """The signatures we trust; all others, `none` and the HMACs first of all, are refused."""

    RS256 = "RS256"
    ES256 = "ES256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key, the name tokens call it by, and the one algorithm it is good for."""

    kid: str
    algorithm: Algorithm
    public: PublicKey

    def as_jwk(self) -> dict[str, str]:
        """Describe the key for whoever wants to verify our tokens."""
        if isinstance(self.public, RSAPublicKey):
            members = RSAAlgorithm.to_jwk(self.public, as_dict=True)
        else:
            members = ECAlgorithm.to_jwk(self.public, as_dict=True)
        members.pop("key_ops", None)
        return {"kid": self.kid, "use": "sig", "alg": self.algorithm.value, **members}


class Keys(Protocol):
    """The keys of one issuer."""

    async def find(self, kid: str) -> Key | None:
        """Return the key of this name, or None; raises UnavailableError."""
        ...


class KeyRing(Keys):
    """Keys at hand: of an issuer in the same process, which adds and drops them as it rotates."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys: Mapping[str, Key] = {}
        self.replace(keys)

    async def find(self, kid: str) -> Key | None:
        return self._keys.get(kid)

    def replace(self, keys: Iterable[Key]) -> None:
        """Trust these keys from now on, and no others."""
        self._keys = {key.kid: key for key in keys}


def read_key_set(document: object) -> list[Key]:
    """Read those keys of a JSON Web Key Set which we would trust; pass over all others.

    Raises ValueError if it is no key set at all.
    """
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ValueError("this is no JSON Web Key Set")  # noqa: TRY004 - a value from the wire
    found = (_read_key(jwk) for jwk in keys if isinstance(jwk, dict))
    return [key for key in found if key is not None]


def _read_key(jwk: dict[str, Any]) -> Key | None:
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not kid or jwk.get("use", "sig") != "sig" or "d" in jwk:
        return None
    try:
        public, algorithm = _read_public(jwk)
    except (PyJWTError, ValueError, TypeError, KeyError):
        return None
    if jwk.get("alg", algorithm.value) != algorithm.value:
        return None
    return Key(kid=kid, algorithm=algorithm, public=public)


def _read_public(jwk: dict[str, Any]) -> tuple[PublicKey, Algorithm]:
    match jwk.get("kty"):
        case "RSA":
            rsa = cast("RSAPublicKey", RSAAlgorithm.from_jwk(jwk))
            if rsa.key_size < _SMALLEST_RSA:
                raise ValueError("too short to trust")
            return rsa, Algorithm.RS256
        case "EC":
            curve = cast("EllipticCurvePublicKey", ECAlgorithm.from_jwk(jwk))
            if curve.curve.name != SECP256R1.name:
                raise ValueError("another curve than the one of ES256")
            return curve, Algorithm.ES256
        case _:
            raise ValueError("neither RSA nor EC")
