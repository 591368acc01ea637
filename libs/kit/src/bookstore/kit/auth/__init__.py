"""Access tokens: who somebody is, proved by a signature.

Read verifier for the whole way of a token, then token (its form), claims (what it says) and
keys (who signed it); remote fetches the keys of an issuer elsewhere, which issuer names.
"""

from bookstore.kit.auth.callers import Authenticator, KnownCallers, TokenRefusedError
from bookstore.kit.auth.issuer import Idp, Issuer, issuer_problems, realm_url
from bookstore.kit.auth.keys import Algorithm, Key, KeyRing, Keys, read_key_set
from bookstore.kit.auth.remote import RemoteKeys
from bookstore.kit.auth.verifier import Verifier

__all__ = [
    "Algorithm",
    "Authenticator",
    "Idp",
    "Issuer",
    "Key",
    "KeyRing",
    "Keys",
    "KnownCallers",
    "RemoteKeys",
    "TokenRefusedError",
    "Verifier",
    "issuer_problems",
    "read_key_set",
    "realm_url",
]
