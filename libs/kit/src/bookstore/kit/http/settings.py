"""What an operator may say about HTTP."""

from collections.abc import Iterator

from bookstore.kit.http.asked import Proxies
from bookstore.kit.settings import Settings


class HttpSettings(Settings, frozen=True, kw_only=True):
    """Who else may ask, and whose word counts about who asks; lists are separated by commas.

    `cors_origins`: web pages of other origins; `trusted_proxies`: addresses and networks whose
    X-Forwarded-For is believed.
    """

    cors_origins: str = ""
    cors_credentials: bool = False
    trusted_proxies: str = ""

    def problems(self) -> Iterator[str]:
        if self.cors_credentials and "*" in self.origins:
            yield "CORS_ORIGINS: * may not be combined with CORS_CREDENTIALS"
        try:
            self.proxies()
        except ValueError as error:
            yield f"TRUSTED_PROXIES: {error}"

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
