"""The cookie that carries the refresh token, out of the reach of scripts and other sites."""

from dataclasses import dataclass
from datetime import timedelta

NAME = "refresh_token"
PATH = "/api/v1/users"  # where it is needed: signing out and exchanging tokens


@dataclass(frozen=True, slots=True)
class RefreshCookie:
    """Writes the cookie (RFC 6265bis): `secure` wherever the store is not on loopback."""

    secure: bool
    lifetime: timedelta

    def set(self, token: str) -> str:
        """Return the header's value that sets it."""
        return self._write(token, int(self.lifetime.total_seconds()))

    def clear(self) -> str:
        """Return the header's value that takes it away."""
        return self._write("", 0)

    def _write(self, value: str, age: int) -> str:
        cookie = f"{NAME}={value}; Max-Age={age}; Path={PATH}; HttpOnly; SameSite=Strict"
        return f"{cookie}; Secure" if self.secure else cookie
