"""What an operator may say about identity."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from bookstore.identity.domain.email import Email, EmailInvalidError
from bookstore.identity.domain.password import PasswordInvalidError, choose
from bookstore.kit.auth import Idp, Issuer, issuer_problems
from bookstore.kit.process_settings import SHORTEST_SECRET, ServiceSettings
from bookstore.kit.server import is_loopback


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Where identity lives; each from IDENTITY_<NAME>, else from <NAME>.

    `public_url` is where clients reach the store: it is the issuer of the tokens, and decides
    whether cookies are Secure. `service_clients` are the services' secrets, as
    `name:secret,name:secret`. `idp` is who keeps the credentials, and issues the tokens: where it
    is keycloak, the realm at `oidc_issuer` does, which services reach at `oidc_url`, knows their
    secrets, and believes identity by its own `service_secret`. `staff_email` and `staff_password`
    are the account with which the store is run: a process makes it, where it is not there.
    """

    database_url: str = "sqlite:///identity.db"
    idp: Idp = "builtin"
    oidc_issuer: str = ""
    oidc_url: str = ""
    service_secret: str = ""
    public_url: str = "http://127.0.0.1:8080"
    audience: str = "bookstore"
    service_clients: str = ""
    staff_email: str = ""
    staff_password: str = ""

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        url = urlsplit(self.public_url)
        if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
            yield "PUBLIC_URL: this is no address such as https://books.example"
        if len(self.secrets()) < len(self._pairs()):
            yield "SERVICE_CLIENTS: write name:secret,name:secret, each name once"
        if any(len(secret) < SHORTEST_SECRET for secret in self.secrets().values()):
            yield f"SERVICE_CLIENTS: a secret has {SHORTEST_SECRET} characters at least"
        yield from self._staff_problems()
        yield from issuer_problems(self.idp, self.oidc_issuer, self.oidc_url)
        if self.idp == "keycloak":
            yield from self._keycloak_problems()

    def _staff_problems(self) -> Iterator[str]:
        if bool(self.staff_email) != bool(self.staff_password):
            yield "STAFF_EMAIL and STAFF_PASSWORD: one of them is set, but it takes both"
            return
        if not self.staff_email:
            return
        try:
            Email.typed(self.staff_email)
        except EmailInvalidError as error:
            yield f"STAFF_EMAIL: {error.fields[0].message}"
        try:
            choose(self.staff_password)
        except PasswordInvalidError as error:
            yield f"STAFF_PASSWORD: {error.fields[0].message}"

    def _keycloak_problems(self) -> Iterator[str]:
        if self.service_clients:
            yield "SERVICE_CLIENTS: is set, but IDP is keycloak; it knows the services' secrets"
        if not self.service_secret:
            yield "SERVICE_SECRET: is not set; how shall identity prove itself to Keycloak?"
        elif len(self.service_secret) < SHORTEST_SECRET:
            yield f"SERVICE_SECRET: a secret has {SHORTEST_SECRET} characters at least"

    @property
    def issuer(self) -> Issuer:
        """Who issues the tokens."""
        if self.idp == "keycloak":
            return Issuer.keycloak(self.oidc_issuer, self.oidc_url)
        return Issuer.builtin(self.public_url)

    @property
    def is_secure(self) -> bool:
        """Whether cookies travel encrypted only: wherever the store is not on loopback."""
        url = urlsplit(self.public_url)
        return url.scheme == "https" or not is_loopback(url.hostname or "")

    def secrets(self) -> dict[str, str]:
        """Return the services' secrets by name."""
        return dict(pair.split(":", 1) for pair in self._pairs() if ":" in pair)

    def _pairs(self) -> Sequence[str]:
        return [pair.strip() for pair in self.service_clients.split(",") if pair.strip()]
