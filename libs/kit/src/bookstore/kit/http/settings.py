"""What an operator may say about HTTP."""

from msgspec import Struct

from bookstore.kit.http.asked import Proxies


class HttpSettings(Struct, frozen=True, kw_only=True):
    """Who else may ask, and whose word counts about who asks; lists are separated by commas.

    `cors_origins`: web pages of other origins; `trusted_proxies`: addresses and networks whose
    X-Forwarded-For is believed.
    """

    cors_origins: str = ""
    cors_credentials: bool = False
    trusted_proxies: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for what makes no sense."""
        if self.cors_credentials and "*" in self.origins:
            raise ValueError("CORS_ORIGINS: * may not be combined with CORS_CREDENTIALS")
        try:
            self.proxies()
        except ValueError as error:
            raise ValueError(f"TRUSTED_PROXIES: {error}") from error

    @property
    def origins(self) -> list[str]:
        """Return the origins one by one."""
        return _split(self.cors_origins)

    def proxies(self) -> Proxies:
        """Return whose X-Forwarded-For is believed."""
        return Proxies(_split(self.trusted_proxies))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


NO_SETTINGS = HttpSettings()
