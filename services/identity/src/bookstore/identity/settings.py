"""What an operator may say about identity."""

import ipaddress
from urllib.parse import urlsplit

from msgspec import Struct

_SHORTEST_SECRET = 32


class Settings(Struct, frozen=True, kw_only=True):
    """Where identity lives; each from its own variable, in capitals.

    `public_url` is where clients reach the store: it is the issuer of the tokens, and decides
    whether cookies are Secure. `service_clients` are the services' secrets, as
    `name:secret,name:secret`.
    """

    database_url: str = "sqlite:///identity.db"
    public_url: str = "http://127.0.0.1:8080"
    audience: str = "bookstore"
    service_clients: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for what makes no sense."""
        url = urlsplit(self.public_url)
        if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
            raise ValueError("PUBLIC_URL: this is no address such as https://books.example")
        self.secrets()

    @property
    def issuer(self) -> str:
        """Who issues the tokens."""
        return self.public_url.rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether cookies travel encrypted only: wherever the store is not on loopback."""
        url = urlsplit(self.public_url)
        return url.scheme == "https" or not _is_loopback(url.hostname or "")

    def secrets(self) -> dict[str, str]:
        """Return the services' secrets by name; raises ValueError."""
        pairs = [pair.strip() for pair in self.service_clients.split(",") if pair.strip()]
        secrets = dict(pair.split(":", 1) for pair in pairs if ":" in pair)
        if len(secrets) < len(pairs):
            raise ValueError("SERVICE_CLIENTS: write name:secret,name:secret, each name once")
        if any(len(secret) < _SHORTEST_SECRET for secret in secrets.values()):
            raise ValueError(
                f"SERVICE_CLIENTS: a secret has {_SHORTEST_SECRET} characters at least"
            )
        return secrets


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
