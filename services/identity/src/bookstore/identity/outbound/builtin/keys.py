"""Signing keys in a SQL database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import bindparam, delete, insert, select, update

from bookstore.identity.outbound.tables import SIGNING_KEY
from bookstore.kit.auth import Algorithm, Key
from bookstore.kit.database import Session, prepare

_ALL = prepare(select(SIGNING_KEY).order_by(SIGNING_KEY.c.created_at.desc(), SIGNING_KEY.c.kid))
_ADD = prepare(insert(SIGNING_KEY).values({c.name: bindparam(c.name) for c in SIGNING_KEY.c}))
_RETIRE = prepare(
    update(SIGNING_KEY)
    .where(SIGNING_KEY.c.retired_at.is_(None))
    .values(
        {
            "retired_at": bindparam("now"),
            "updated_at": bindparam("now"),
            "version": SIGNING_KEY.c.version + 1,
        }
    )
)
_FORGET = prepare(delete(SIGNING_KEY).where(SIGNING_KEY.c.retired_at <= bindparam("before")))


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key; a retired one signs no more, and verifies for a while."""

    kid: str
    private: RSAPrivateKey
    created_at: datetime
    retired_at: datetime | None = None

    @property
    def public(self) -> Key:
        """The part that everybody may know."""
        return Key(kid=self.kid, algorithm=Algorithm.RS256, public=self.private.public_key())


def new_key(kid: str, now: datetime) -> SigningKey:
    """Make a key; takes a tenth of a second of computing."""
    return SigningKey(kid=kid, private=generate_private_key(65537, 2048), created_at=now)


class SqlSigningKeys:
    """The table of signing keys, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[SigningKey]:
        """Return the keys, the newest first."""
        return [_key(row) for row in self._session.run(_ALL)]

    def add(self, key: SigningKey) -> None:
        """Sign with this key from now on; the others retire."""
        self._session.run(_RETIRE, now=key.created_at)
        pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._session.run(
            _ADD,
            kid=key.kid,
            pem=pem.decode(),
            retired_at=None,
            created_at=key.created_at,
            updated_at=key.created_at,
            version=1,
        )

    def forget(self, before: datetime) -> None:
        """Forget the keys that retired before."""
        self._session.run(_FORGET, before=before)


def _key(row: Any) -> SigningKey:  # noqa: ANN401 - a row has the columns of its statement
    private = load_pem_private_key(
        row.pem.encode(),
        None,
        unsafe_skip_rsa_key_validation=True,  # we made it ourselves; to check it takes 30 ms
    )
    return SigningKey(
        kid=row.kid,
        private=cast("RSAPrivateKey", private),
        created_at=row.created_at,
        retired_at=row.retired_at,
    )
