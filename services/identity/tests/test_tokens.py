"""The issuer over HTTP: discovery, keys and the token endpoint, as OAuth clients see them."""

from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from httpx import AsyncClient, Response

from bookstore.identity.app import Identity
from bookstore.kit.auth import RemoteKeys, Verifier
from bookstore.kit.caller import Role
from bookstore.kit.clock import FakeClock
from services.identity.tests.builders import ADA, PASSWORD
from services.identity.tests.web import sign_in, sign_up

PASSWORD_GRANT = {
    "grant_type": "password",
    "client_id": "bookstore",
    "username": ADA,
    "password": PASSWORD,
}
SERVICE_GRANT = {
    "grant_type": "client_credentials",
    "client_id": "order",
    "client_secret": "s" * 32,
}


async def ask(client: AsyncClient, form: dict[str, Any]) -> Response:
    return await client.post("/oauth/token", data=form)


async def test_who_knows_the_issuer_finds_keys_and_verifies_tokens(
    client: AsyncClient, clock: FakeClock
) -> None:
    found = (await client.get("/.well-known/openid-configuration")).json()
    await sign_up(client)
    form = {**PASSWORD_GRANT, "scope": "openid"}
    tokens = (await client.post(urlsplit(found["token_endpoint"]).path, data=form)).json()
    keys = RemoteKeys(found["jwks_uri"], client, clock=clock)
    verifier = Verifier(keys, issuer=found["issuer"], audience="bookstore", clock=clock)

    caller = await verifier.authenticate(tokens["access_token"])
    assert caller.email == ADA
    assert caller.roles == {Role.PROFILE, Role.ORDER, Role.VIEW}


async def test_the_issuer_says_only_what_is_so(client: AsyncClient) -> None:
    found = (await client.get("/.well-known/openid-configuration")).json()

    assert found["issuer"] == "http://127.0.0.1:8080"
    assert found["grant_types_supported"] == ["password", "refresh_token", "client_credentials"]
    assert found["response_types_supported"] == []


async def test_the_keys_are_public_and_nothing_else(
    client: AsyncClient, identity: Identity
) -> None:
    assert identity.issuer
    await identity.issuer.rotate()
    answer = await client.get("/.well-known/jwks.json")

    assert len(answer.json()["keys"]) == 2
    for key in answer.json()["keys"]:
        assert key.keys() == {"kid", "kty", "use", "alg", "n", "e"}
    assert answer.headers["cache-control"] == "public, max-age=60"


async def test_the_password_grant_gives_tokens_that_can_be_exchanged(client: AsyncClient) -> None:
    await sign_up(client)
    granted = await ask(client, PASSWORD_GRANT)
    renewal = {
        "grant_type": "refresh_token",
        "client_id": "bookstore",
        "refresh_token": granted.json()["refresh_token"],
    }
    renewed = await ask(client, renewal)

    assert granted.headers["cache-control"] == "no-store"
    assert granted.json()["id_token"] is None
    assert renewed.status_code == 200
    assert renewed.json()["refresh_token"] != granted.json()["refresh_token"]


async def test_openid_tells_the_client_who_its_user_is(client: AsyncClient) -> None:
    await sign_up(client)
    granted = (await ask(client, {**PASSWORD_GRANT, "scope": "openid manage"})).json()
    claims = jwt.decode(granted["id_token"], options={"verify_signature": False})

    assert granted["scope"] == "openid"
    assert claims["aud"] == "bookstore"
    assert (claims["email"], claims["given_name"]) == (ADA, "Ada")
    assert "realm_access" not in claims


async def test_a_service_gets_a_token_of_its_own(client: AsyncClient, identity: Identity) -> None:
    granted = (await ask(client, SERVICE_GRANT)).json()
    caller = await identity.authenticator.authenticate(granted["access_token"])

    assert caller.id is None
    assert caller.roles == {Role.SYSTEM}
    assert granted["refresh_token"] is None


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "bookstore"}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ({**PASSWORD_GRANT, "password": "wrong password"}, 400, "invalid_grant"),
        ({**PASSWORD_GRANT, "username": "nobody@example.com"}, 400, "invalid_grant"),
        ({**PASSWORD_GRANT, "client_id": "other"}, 401, "invalid_client"),
        ({**PASSWORD_GRANT, "client_id": "order"}, 401, "invalid_client"),
        ({**PASSWORD_GRANT, "client_secret": "s" * 32}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "a.1.b"}, 400, "invalid_grant"),
        ({**SERVICE_GRANT, "client_secret": "x" * 32}, 401, "invalid_client"),
        ({**SERVICE_GRANT, "client_id": "bookstore"}, 401, "invalid_client"),
        ({"grant_type": ["password", "password"]}, 400, "invalid_request"),
        ({"grant_type": "pass\0word"}, 400, "invalid_request"),
    ],
)
async def test_a_bad_request_is_refused_in_the_words_of_oauth(
    client: AsyncClient, form: dict[str, Any], status: int, error: str
) -> None:
    await sign_up(client)
    refused = await ask(client, form)

    assert (refused.status_code, refused.json()["error"]) == (status, error)
    assert refused.json().keys() == {"error", "error_description"}
    assert refused.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"grant_type=%ff", b"&".join([b"a=1"] * 30)])
async def test_what_is_no_form_is_refused(client: AsyncClient, body: bytes) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    refused = await client.post("/oauth/token", content=body, headers=form)

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


async def test_json_is_no_form(client: AsyncClient) -> None:
    assert (await client.post("/oauth/token", json=PASSWORD_GRANT)).status_code == 415


async def test_guessing_at_the_token_endpoint_is_guessing(client: AsyncClient) -> None:
    await sign_up(client)
    for n in range(10):
        await ask(client, {**PASSWORD_GRANT, "password": f"guess {n}"})

    assert (await ask(client, PASSWORD_GRANT)).status_code == 429
    assert (await sign_in(client)).status_code == 429
