"""A token is who it says only if all of it is right: every way to forge one is refused."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bookstore.kit.auth import KeyRing, Keys, TokenRefusedError, Verifier
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import FakeClock
from libs.kit.tests.auth.forge import (
    ALICE,
    AUDIENCE,
    ISSUER,
    NOW,
    claims,
    ec_key,
    encode,
    header,
    public,
    rsa_key,
    sign,
)

CUSTOMER = frozenset({Role.PROFILE, Role.ORDER, Role.VIEW})


@pytest.fixture
def keys() -> KeyRing:
    return KeyRing([public("rsa", rsa_key()), public("ec", ec_key())])


@pytest.fixture
def verifier(keys: KeyRing, clock: FakeClock) -> Verifier:
    return Verifier(keys, issuer=ISSUER, audience=AUDIENCE, clock=clock)


async def test_a_good_token_says_who_it_is(verifier: Verifier) -> None:
    caller = await verifier.authenticate(sign())

    assert caller == Caller(id=UUID(ALICE), email="alice@books.example", roles=CUSTOMER)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (header(typ="application/at+jwt"), claims()),
        (header(typ="AT+JWT"), claims()),
        (header(typ="JWT"), claims(typ="Bearer")),
        (header(), claims(aud=["account", AUDIENCE])),
        (header(), claims(nbf=NOW)),
        (header(), claims(iat=NOW - 0.5)),
        (header(), claims(iat=NOW + 4)),
        (header(), claims(iat=NOW - 900, exp=NOW - 4)),
    ],
    ids=json.dumps,
)
async def test_other_forms_of_good_tokens_are_fine(
    verifier: Verifier, head: Any, body: Any
) -> None:
    assert (await verifier.authenticate(sign(head, body))).id == UUID(ALICE)


async def test_an_elliptic_signature_is_fine(verifier: Verifier) -> None:
    token = sign(header(alg="ES256", kid="ec"), key=ec_key())

    assert (await verifier.authenticate(token)).id == UUID(ALICE)


async def test_keycloaks_roles_are_ours_and_those_we_do_not_know_are_none(
    verifier: Verifier,
) -> None:
    roles = ["offline_access", "default-roles-bookstore", "manage", "unknown", "MANAGE", 7, None]
    token = sign(header(typ="JWT"), claims(typ="Bearer", realm_access={"roles": roles}))

    assert (await verifier.authenticate(token)).roles == {Role.MANAGE}


@pytest.mark.parametrize("access", [None, "manage", ["manage"], {}, {"roles": "manage"}])
async def test_roles_in_another_form_are_none(verifier: Verifier, access: Any) -> None:
    token = sign(body=claims(realm_access=access, roles=["manage"], scope="manage"))

    assert (await verifier.authenticate(token)).roles == frozenset()


async def test_a_service_that_acts_for_itself_has_no_id(verifier: Verifier) -> None:
    body = claims(sub="order", client_id="order", email=None)
    caller = await verifier.authenticate(sign(body=body | {"realm_access": {"roles": ["system"]}}))

    assert caller == Caller(id=None, email="", roles=frozenset({Role.SYSTEM}))


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _der(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _hmac(secret: bytes, algorithm: str = "HS256", **changes: Any) -> str:
    """Sign with a secret which everybody knows, such as our public key."""
    head, body = encode(header(alg=algorithm, **changes)), encode(claims())
    digest = {"HS256": jwt.algorithms.HMACAlgorithm.SHA256}.get(
        algorithm, jwt.algorithms.HMACAlgorithm.SHA512
    )
    signature = jwt.algorithms.HMACAlgorithm(digest).sign(f"{head}.{body}".encode(), secret)
    return f"{head}.{body}.{encode(signature)}"


def _unsigned(algorithm: str, signature: str = "") -> str:
    return f"{encode(header(alg=algorithm))}.{encode(claims())}.{signature}"


def _parts(token: str, **changes: str) -> str:
    names = ("header", "claims", "signature")
    return ".".join(
        changes.get(name, part) for name, part in zip(names, token.split("."), strict=True)
    )


def _jwk(key: rsa.RSAPrivateKey) -> dict[str, str]:
    return public("rsa", key).as_jwk()


_GOOD = sign()
_MALLORY = rsa_key("mallory")
_TOO_DEEP = b'{"a":' * 3000 + b"1" + b"}" * 3000

FORGERIES = {
    # the form
    "nothing": "",
    "a word": "token",
    "two parts": _GOOD.rpartition(".")[0],
    "four parts": f"{_GOOD}.{encode(b'more')}",
    "five parts, encrypted": ".".join([encode({"alg": "dir", "enc": "A256GCM"})] * 5),
    "no signature": _parts(_GOOD, signature=""),
    "padding": f"{_GOOD}==",
    "a blank at the end": f"{_GOOD} ",
    "a line break at the end": f"{_GOOD}\n",
    "the alphabet of plain base64": _parts(_GOOD, signature="+/" * 171),
    "full-width letters": _parts(_GOOD, claims="\uff41\uff42\uff43\uff44"),
    "half a byte": _parts(_GOOD, header="abcde"),
    "nine thousand characters": sign(body=claims(more="x" * 7000)),
    "a header that is a list": sign([header()]),
    "a header that is no JSON": sign(b"{"),
    "a header nested too deep": sign(_TOO_DEEP),
    "a header in another encoding": sign('{"alg":"RS256"}'.encode("utf-16")),
    "a header with a member twice": sign(
        b'{"alg":"none","alg":"RS256","kid":"rsa","typ":"at+jwt"}'
    ),
    "claims that are a list": sign(body=[claims()]),
    "claims that are no JSON": sign(body=b"{'sub'}"),
    "claims nested too deep": sign(body=_TOO_DEEP),
    "a claim twice": sign(body=b'{"sub":"x",' + json.dumps(claims()).encode()[1:]),
    # how it is signed
    "unsigned": _unsigned("none"),
    "unsigned, with a signature of nothing": _unsigned("none", encode(b"x")),
    "unsigned, in capitals": _unsigned("NONE", encode(b"x")),
    "unsigned, in mixed case": _unsigned("nOnE", encode(b"x")),
    "the public key as an HMAC secret, as PEM": _hmac(_pem(rsa_key())),
    "the public key as an HMAC secret, as DER": _hmac(_der(rsa_key())),
    "the public key as an HMAC secret, as JWK": _hmac(json.dumps(_jwk(rsa_key())).encode()),
    "an HMAC with SHA-512": _hmac(_pem(rsa_key()), "HS512"),
    "an HMAC that says RS256": _hmac(_pem(rsa_key()), "RS256"),
    "an HMAC with an empty secret": _hmac(b""),
    "RS512": sign(header(alg="RS512")),
    "PS256": sign(header(alg="PS256")),
    "RS1": sign(header(alg="RS1"), algorithm="RS256"),
    "rs256 in small letters": sign(header(alg="rs256"), algorithm="RS256"),
    "no algorithm": sign(header(alg=None)),
    "an algorithm that is a list": sign(header(alg=["RS256"]), algorithm="RS256"),
    "ES256 that names the RSA key": sign(header(alg="ES256"), key=ec_key()),
    "RS256 that names the elliptic key": sign(header(kid="ec")),
    "an elliptic signature of zeros": _parts(
        sign(header(alg="ES256", kid="ec"), key=ec_key()), signature=encode(bytes(64))
    ),
    "an elliptic signature as DER": _parts(
        sign(header(alg="ES256", kid="ec"), key=ec_key()), signature=encode(b"\x30\x06" * 35)
    ),
    "somebody else's key": sign(key=_MALLORY),
    "somebody else's elliptic key": sign(header(alg="ES256", kid="ec"), key=ec_key("mallory")),
    "claims exchanged after signing": _parts(_GOOD, claims=encode(claims(sub=str(UUID(int=1))))),
    "header exchanged after signing": _parts(_GOOD, header=encode(header(typ="JWT"))),
    "a signature cut short": _GOOD[:-8],
    # where it says its key is
    "no key named": sign(header(kid=None)),
    "an empty key name": sign(header(kid="")),
    "a key name that is a number": sign(header(kid=1)),
    "a key name that is a list": sign(header(kid=["rsa"])),
    "an unknown key": sign(header(kid="other")),
    "a key name that is a path": sign(header(kid="../../dev/null")),
    "a key name that is SQL": sign(header(kid="x' UNION SELECT 'secret' --")),
    "its own key within": sign(header(jwk=_jwk(_MALLORY)), key=_MALLORY),
    "its own key set elsewhere": sign(header(jku="https://evil.example/jwks"), key=_MALLORY),
    "its own certificate elsewhere": sign(header(x5u="https://evil.example/c"), key=_MALLORY),
    "its own certificate within": sign(header(x5c=["MIIB"]), key=_MALLORY),
    "a jku, though signed well": sign(header(jku="https://books.example/jwks")),
    "something critical": sign(header(crit=["exp"], exp=NOW + 900)),
    "a payload that is not encoded": sign(header(crit=["b64"], b64=False)),
    # what it is
    "no type": sign(header(typ=None)),
    "an ID token": sign(header(typ="JWT"), claims(typ="ID")),
    "a refresh token": sign(header(typ="JWT"), claims(typ="Refresh")),
    "a plain JWT": sign(header(typ="JWT")),
    "a logout token": sign(header(typ="logout+jwt")),
    "a proof of possession": sign(header(typ="dpop+jwt")),
    "a type that is a number": sign(header(typ=1)),
    # for whom, by whom
    "another issuer": sign(body=claims(iss="https://evil.example")),
    "the issuer with a slash": sign(body=claims(iss=f"{ISSUER}/")),
    "the issuer in a list": sign(body=claims(iss=[ISSUER])),
    "no issuer": sign(body=claims(iss=None)),
    "another audience": sign(body=claims(aud="account")),
    "other audiences": sign(body=claims(aud=["account", "bookstore2"])),
    "a longer audience": sign(body=claims(aud=f"{AUDIENCE}-admin")),
    "no audience": sign(body=claims(aud=None)),
    "an empty list of audiences": sign(body=claims(aud=[])),
    "an audience that is an object": sign(body=claims(aud={AUDIENCE: 1})),
    # when
    "run out": sign(body=claims(iat=NOW - 1800, exp=NOW - 900)),
    "run out beyond the leeway": sign(body=claims(iat=NOW - 900, exp=NOW - 5)),
    "no end": sign(body=claims(exp=None)),
    "an end in words": sign(body=claims(exp="never")),
    "an end that is true": sign(body=claims(exp=True)),
    "an end that is a number in a string": sign(body=claims(exp=str(NOW + 900))),
    "an infinite end": sign(body=json.dumps(claims(exp=float("inf"))).encode()),
    "an end that overflows": sign(body=json.dumps(claims(exp=9)).replace(" 9", " 1e999").encode()),
    "an end that is not a number": sign(body=json.dumps(claims(exp=float("nan"))).encode()),
    "a negative end": sign(body=claims(exp=-1)),
    "not good yet": sign(body=claims(nbf=NOW + 60)),
    "a beginning in words": sign(body=claims(nbf="soon")),
    "issued in the future": sign(body=claims(iat=NOW + 60)),
    "issued in the future, though good before": sign(body=claims(iat=NOW + 60, nbf=NOW)),
    "issued at true": sign(body=claims(iat=True)),
    "good from false on": sign(body=claims(nbf=False)),
    "never issued": sign(body=claims(iat=None)),
    "run out before it was issued": sign(body=claims(iat=NOW + 4, exp=NOW + 3)),
    # whose
    "nobody's": sign(body=claims(sub=None)),
    "of an empty subject": sign(body=claims(sub="")),
    "of a subject that is a number": sign(body=claims(sub=1)),
    "of a subject in capitals": sign(body=claims(sub=ALICE.upper())),
    "of a subject without hyphens": sign(body=claims(sub=ALICE.replace("-", ""))),
    "of a name": sign(body=claims(sub="alice")),
    "of another client's name": sign(body=claims(sub="order", client_id="payment")),
}


@pytest.mark.parametrize("token", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forgery_is_refused(verifier: Verifier, token: str) -> None:
    with pytest.raises(TokenRefusedError):
        await verifier.authenticate(token)


async def test_a_token_seen_before_runs_out_all_the_same(
    verifier: Verifier, clock: FakeClock
) -> None:
    token = sign()
    await verifier.authenticate(token)
    clock.advance(timedelta(seconds=906))

    with pytest.raises(TokenRefusedError):
        await verifier.authenticate(token)


@dataclass
class _CountingKeys(Keys):
    keys: Keys
    asked: int = 0

    async def find(self, kid: str) -> Any:
        self.asked += 1
        return await self.keys.find(kid)


async def test_a_token_seen_before_is_known_by_sight_and_the_oldest_is_forgotten(
    keys: KeyRing, clock: FakeClock
) -> None:
    counting = _CountingKeys(keys)
    verifier = Verifier(counting, issuer=ISSUER, audience=AUDIENCE, clock=clock, remember=2)
    first, second, third = (sign(body=claims(jti=str(n))) for n in range(3))

    for token in (first, second, first, first, third, first):
        await verifier.authenticate(token)
    assert counting.asked == 3

    await verifier.authenticate(second)
    assert counting.asked == 4


async def test_forgeries_are_not_remembered(keys: KeyRing, clock: FakeClock) -> None:
    counting = _CountingKeys(keys)
    verifier = Verifier(counting, issuer=ISSUER, audience=AUDIENCE, clock=clock)

    for _ in range(2):
        with pytest.raises(TokenRefusedError):
            await verifier.authenticate(sign(key=_MALLORY))

    assert counting.asked == 2


async def test_a_rotated_key_is_trusted_at_once_and_a_withdrawn_one_no_more(
    keys: KeyRing, clock: FakeClock
) -> None:
    verifier = Verifier(keys, issuer=ISSUER, audience=AUDIENCE, clock=clock)
    keys.replace([public("new", rsa_key("new"))])

    await verifier.authenticate(sign(header(kid="new"), key=rsa_key("new")))
    with pytest.raises(TokenRefusedError):
        await verifier.authenticate(sign())


def test_a_leeway_beyond_five_seconds_is_refused(keys: KeyRing) -> None:
    with pytest.raises(ValueError, match="five seconds"):
        Verifier(keys, issuer=ISSUER, audience=AUDIENCE, leeway=timedelta(seconds=6))
