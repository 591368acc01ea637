"""Only keys we would trust come out of a key set."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from bookstore.kit.auth import Algorithm, read_key_set
from libs.kit.tests.auth.forge import ec_key, public, rsa_key


def _set(*keys: Any) -> dict[str, Any]:
    return {"keys": list(keys)}


RSA = public("rsa", rsa_key()).as_jwk()
EC = public("ec", ec_key()).as_jwk()


def test_a_key_set_is_read_as_it_was_written() -> None:
    rsa, curve = read_key_set(_set(RSA, EC))

    assert (rsa.kid, rsa.algorithm, rsa.as_jwk()) == ("rsa", Algorithm.RS256, RSA)
    assert (curve.kid, curve.algorithm, curve.as_jwk()) == ("ec", Algorithm.ES256, EC)


def test_a_key_says_what_it_is_for_and_nothing_private() -> None:
    assert RSA.keys() == {"kid", "kty", "use", "alg", "n", "e"}
    assert EC.keys() == {"kid", "kty", "use", "alg", "crv", "x", "y"}


UNTRUSTED = {
    "a secret": {"kty": "oct", "kid": "s", "k": "c2VjcmV0", "alg": "HS256"},
    "a key for encryption": RSA | {"use": "enc"},
    "a key without a name": {name: RSA[name] for name in RSA if name != "kid"},
    "a key with an empty name": RSA | {"kid": ""},
    "a key for another algorithm": RSA | {"alg": "RS512"},
    "an RSA key for an elliptic algorithm": RSA | {"alg": "ES256"},
    "a short key": RSAAlgorithm.to_jwk(rsa_key("short", 1024).public_key(), as_dict=True)
    | {"kid": "short"},
    "another curve": ECAlgorithm.to_jwk(
        ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True
    )
    | {"kid": "p384"},
    "a private key": RSAAlgorithm.to_jwk(rsa_key(), as_dict=True) | {"kid": "private"},
    "a broken key": RSA | {"n": "!"},
    "a key off its curve": EC | {"x": EC["y"]},
    "a key of a kind to come": {"kty": "AKP", "kid": "pq"},
    "no key": "key",
}


@pytest.mark.parametrize("key", UNTRUSTED.values(), ids=UNTRUSTED.keys())
def test_a_key_we_would_not_trust_is_passed_over(key: Any) -> None:
    assert [found.kid for found in read_key_set(_set(key, EC))] == ["ec"]


@pytest.mark.parametrize("document", [None, [], "keys", {}, {"keys": None}, {"keys": {}}])
def test_what_is_no_key_set_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match="no JSON Web Key Set"):
        read_key_set(document)
