import pytest

from bookstore.identity.settings import Settings


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
    assert Settings(public_url="https://books.example/").issuer == "https://books.example"


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
