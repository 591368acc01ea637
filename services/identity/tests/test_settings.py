import pytest

from bookstore.identity.settings import Settings
from bookstore.kit.settings import SettingsError, read_settings


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("http://127.0.0.1:8080", False),
        ("http://127.8.8.8", False),
        ("http://[::1]:8080", False),
        ("http://localhost:8080/", False),
        ("http://books.localhost", False),
        ("https://localhost", True),
        ("https://books.example", True),
        ("http://books.example", True),
        ("http://10.0.0.7:8080", True),
        ("http://localhost.example", True),
    ],
)
def test_cookies_are_secure_off_loopback(url: str, secure: bool) -> None:  # noqa: FBT001 - a parameter
    assert Settings(public_url=url).is_secure is secure


def test_the_issuer_has_no_slash_at_its_end() -> None:
    assert Settings(public_url="https://books.example/").issuer.name == "https://books.example"


@pytest.mark.parametrize(
    "url", ["", "books.example", "ftp://books.example", "http://", "http://b?x"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="PUBLIC_URL"):
        Settings(public_url=url)


def test_services_have_secrets() -> None:
    secrets = Settings(service_clients=f"order:{'o' * 32}, payment:{'p:' * 16}").secrets()

    assert secrets == {"order": "o" * 32, "payment": "p:" * 16}


@pytest.mark.parametrize("clients", ["order", "order:short", f"o:{'o' * 32},o:{'p' * 32}"])
def test_bad_secrets_are_refused(clients: str) -> None:
    with pytest.raises(ValueError, match="SERVICE_CLIENTS"):
        Settings(service_clients=clients)


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("staff@example.com", "", "STAFF_EMAIL and STAFF_PASSWORD: one of them is set"),
        ("", "the staff's own password", "STAFF_EMAIL and STAFF_PASSWORD: one of them is set"),
        ("staff", "the staff's own password", "STAFF_EMAIL: "),
        ("staff@example.com", "short", "STAFF_PASSWORD: "),
    ],
)
def test_staff_without_what_an_account_needs_are_refused(
    email: str, password: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Settings(staff_email=email, staff_password=password)


REALM = "https://id.example/realms/bookstore"


def keycloak(**changes: str) -> Settings:
    good = {"IDP": "keycloak", "OIDC_ISSUER": REALM, "SERVICE_SECRET": "s" * 32}
    return read_settings(Settings, environment=good | changes)


def test_a_realm_issues_the_tokens_where_keycloak_is() -> None:
    near = "http://keycloak:8080/realms/bookstore"
    issuer = keycloak(OIDC_URL=f"{near}/").issuer

    assert issuer.name == REALM
    assert issuer.keys_url == f"{near}/protocol/openid-connect/certs"
    assert keycloak().issuer.token_url == f"{REALM}/protocol/openid-connect/token"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("OIDC_ISSUER", "", "OIDC_ISSUER: is not set, but IDP is keycloak"),
        ("OIDC_ISSUER", "https://id.example", "OIDC_ISSUER: this is no realm"),
        ("OIDC_ISSUER", "id.example/realms/bookstore", "OIDC_ISSUER: this is no realm"),
        ("OIDC_ISSUER", f"{REALM}/users", "OIDC_ISSUER: this is no realm"),
        ("OIDC_URL", "http://keycloak:8080", "OIDC_URL: this is no realm"),
        ("SERVICE_SECRET", "", "SERVICE_SECRET: is not set"),
        ("SERVICE_SECRET", "short", "SERVICE_SECRET: a secret has 32 characters at least"),
        ("SERVICE_CLIENTS", f"order:{'o' * 32}", "SERVICE_CLIENTS: is set, but IDP is keycloak"),
        ("IDP", "builtin", "OIDC_ISSUER: is set, but IDP is builtin"),
    ],
)
def test_what_does_not_go_with_the_provider_is_refused(
    variable: str, value: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        keycloak(**{variable: value})


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        keycloak(OIDC_ISSUER="", OIDC_URL="x", SERVICE_SECRET="", SERVICE_CLIENTS="order:short")

    named = [problem.partition(":")[0] for problem in refused.value.problems]
    assert named == [
        "SERVICE_CLIENTS",
        "OIDC_URL",
        "OIDC_ISSUER",
        "SERVICE_CLIENTS",
        "SERVICE_SECRET",
    ]
