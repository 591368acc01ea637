"""The store on a real Keycloak: a purchase, the commands, and services in their own processes."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest
from tests.harness.keycloak_console import Console
from tests.harness.people import Buyer, Staff
from tests.harness.services import serving
from tests.harness.store import STAFF_EMAIL, Store, bookstore, running
from tools.servers.keycloak import SECRETS, Keycloak


@pytest.fixture
def issuer(server: Keycloak, console: Console) -> dict[str, str]:
    """Return what every service must know of a Keycloak, in which there is nobody."""
    del console  # it saw to that
    return {"IDP": "keycloak", "OIDC_ISSUER": server.realm}


@pytest.fixture
def store(tmp_path: Path, issuer: dict[str, str]) -> Iterator[Store]:
    secret = {"IDENTITY_SERVICE_SECRET": SECRETS["identity"]}
    with running(tmp_path / "data", **issuer, **secret) as opened:
        yield opened


def command(store: Store, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command on the data of the store."""
    return subprocess.run(
        bookstore(*words, "--data", str(store.data)),
        env=store.environment_of_staff(),
        capture_output=True,
        text=True,
        check=False,
    )


async def test_books_are_bought_on_keycloaks_tokens_even_while_it_is_away(
    store: Store, server: Keycloak
) -> None:
    async with Staff(store.url) as staff, Buyer(store.url) as buyer:
        book = await staff.shelve(2)
        bought = await buyer.buy((book, 1))
        server.stop()
        try:
            without = await buyer.buy((book, 1))
            refused = await buyer.http.post(
                "/api/v1/users/signin", json={"email": buyer.email, "password": buyer.password}
            )
        finally:
            server.start()
        paid = await staff.payments(bought.json()["id"])

        assert [bought.status_code, without.status_code] == [201, 201]
        assert await staff.figures(book) == (2, 2)  # both copies are put by
        assert [payment["status"] for payment in paid] == ["captured"]
        assert (refused.status_code, refused.json()["code"]) == (503, "identity-provider-away")
        await buyer.sign_in()


async def test_commands_look_after_the_accounts_that_keycloak_keeps(store: Store) -> None:
    reset = command(store, "staff", "reset", "--password", "another password of staff's")
    rotated = command(store, "keys", "rotate")

    assert (reset.returncode, rotated.returncode) == (0, 2), reset.stderr + rotated.stderr
    assert STAFF_EMAIL in reset.stdout
    assert "rotate its keys there" in rotated.stderr + rotated.stdout
    async with httpx.AsyncClient(base_url=store.url) as client:
        credentials = {"email": STAFF_EMAIL, "password": "another password of staff's"}
        assert (await client.post("/api/v1/users/signin", json=credentials)).status_code == 200


async def test_processes_know_people_and_each_other_by_keycloaks_tokens(
    tmp_path: Path, issuer: dict[str, str]
) -> None:
    names = ("identity", "customer")
    secrets = {f"{name.upper()}_SERVICE_SECRET": SECRETS[name] for name in names}
    with serving(tmp_path, issuer | secrets, *names) as urls:
        async with Buyer(urls["identity"]) as buyer:
            token = buyer.http.headers["Authorization"]
        own = f"/api/v1/customers/{subject(token)}"
        as_buyer = {"Authorization": token}
        async with httpx.AsyncClient(base_url=urls["customer"], headers=as_buyer) as http:
            shown = await http.get(own)
            staffs = await http.get("/api/v1/customers")

    assert (shown.status_code, shown.json()["email"]) == (200, buyer.email)
    assert staffs.status_code == 403


def subject(authorization: str) -> str:
    """Return whose token it is."""
    token = authorization.removeprefix("Bearer ")
    return str(jwt.decode(token, options={"verify_signature": False})["sub"])
