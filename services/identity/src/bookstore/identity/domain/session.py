"""A session: a family of refresh tokens, each the successor of the one before.

    token n comes         n is the newest        n+1 is made, and answers
                          its successor is the newest,
                              made ≤ 10 s ago    the same successor answers: two tabs raced
                          anything else          it was stolen, or its heir was: the family ends

A token is `<family>.<number>.<HMAC-SHA256 of the number>`, keyed with a secret of the family; so
the store keeps no token, and can say the successor again.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from bookstore.identity.domain.account import UserId
from bookstore.kit.errors import UnauthenticatedError

GRACE = timedelta(seconds=10)
LIFETIME = timedelta(days=30)  # without an exchange

_PARTS = 3
_LARGEST_NUMBER = 10**9


class SessionEndedError(UnauthenticatedError):
    """The refresh token is good for nothing any more: sign in again."""

    code = "session-ended"

    def __init__(self) -> None:
        super().__init__("this session has ended; sign in again")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, taken apart; nothing of it is proved."""

    family: UUID
    number: int
    proof: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Take a token apart; raises SessionEndedError if it is none."""
        parts = text.split(".")
        if len(parts) != _PARTS or not text.isascii():
            raise SessionEndedError
        family, number, proof = parts
        if not number.isdigit() or len(number) > len(str(_LARGEST_NUMBER)):
            raise SessionEndedError
        try:
            return cls(UUID(hex=family), int(number), proof)
        except ValueError:
            raise SessionEndedError from None

    def __str__(self) -> str:
        return f"{self.family.hex}.{self.number}.{self.proof}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in of one user, and which refresh token is the newest."""

    id: UUID
    user_id: UserId
    secret: str
    number: int
    renewed_at: datetime
    expires_at: datetime

    @classmethod
    def begun(cls, session_id: UUID, user_id: UserId, now: datetime) -> Self:
        """Begin a session."""
        return cls(
            id=session_id,
            user_id=user_id,
            secret=secrets.token_hex(32),
            number=0,
            renewed_at=now,
            expires_at=now + LIFETIME,
        )

    def token(self, number: int) -> RefreshToken:
        """Derive the token with this number."""
        mac = hmac.digest(bytes.fromhex(self.secret), str(number).encode(), "sha256")
        return RefreshToken(self.id, number, urlsafe_b64encode(mac).rstrip(b"=").decode())

    def issued(self, token: RefreshToken) -> bool:
        """Whether the token is one of this session's, old or new."""
        known = self.token(token.number)
        return hmac.compare_digest(known.proof, token.proof) and token.number <= self.number

    def is_newest(self, token: RefreshToken) -> bool:
        """Whether the token has no successor yet."""
        return token.number == self.number

    def is_forgiven(self, token: RefreshToken, now: datetime) -> bool:
        """Whether the token was exchanged just now, and may be told its successor again."""
        return token.number == self.number - 1 and now < self.renewed_at + GRACE
