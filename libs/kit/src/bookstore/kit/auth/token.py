"""A token's form: three parts, of which the first says how it is signed (RFC 7515, 7519)."""

import json
import re
from dataclasses import dataclass
from typing import Any

from jwt import PyJWS, PyJWTError
from jwt.utils import base64url_decode

from bookstore.kit.auth.callers import TokenRefusedError
from bookstore.kit.auth.keys import Algorithm, Key

_LONGEST = 8192  # characters; Keycloak's longest are about 2,000
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_HEADER = frozenset({"alg", "kid", "typ"})  # so neither jku, jwk, x5u, x5c nor crit
_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})  # RFC 9068; the last is Keycloak's

_jws = PyJWS(algorithms=[algorithm.value for algorithm in Algorithm])


@dataclass(frozen=True, slots=True)
class Header:
    """What a token says about its own signature; nothing of it is proved."""

    algorithm: Algorithm
    kid: str
    is_access_token: bool


def read_header(token: str) -> Header:
    """Read how the token says it is signed; raises TokenRefusedError."""
    if len(token) > _LONGEST or not _FORM.fullmatch(token):
        raise TokenRefusedError("this is no signed token")
    header = _object(_bytes(token.partition(".")[0]))
    if not header.keys() <= _HEADER:
        raise TokenRefusedError("the token's header has members which we do not heed")
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ")
    if algorithm not in list(Algorithm):
        raise TokenRefusedError("the token is not signed in a way we trust")
    if not isinstance(kid, str) or not kid:
        raise TokenRefusedError("the token does not name its key")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise TokenRefusedError("this is no access token")
    return Header(Algorithm(algorithm), kid, kind.lower() != "jwt")


def open_token(token: str, key: Key) -> dict[str, Any]:
    """Return what the token says, after its signature was checked; raises TokenRefusedError."""
    try:
        payload = _jws.decode(token, key.public, algorithms=[key.algorithm.value])
    except PyJWTError as error:
        raise TokenRefusedError("the token's signature does not match") from error
    return _object(payload)


def _bytes(part: str) -> bytes:
    try:
        return base64url_decode(part)
    except ValueError as error:
        raise TokenRefusedError("the token is damaged") from error


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise TokenRefusedError("the token is damaged") from error
    if not isinstance(found, dict):
        raise TokenRefusedError("the token is damaged")
    return found


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is named twice")
    return members


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
