"""The client of the identity provider says on the wire what the provider's API says."""

from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bookstore.contracts import idp

ADA = {"id": "a-1", "username": "ada", "firstName": "Ada", "emailVerified": True, "newer": 1}
TOKEN = "/realms/{realm}/protocol/openid-connect/token"
USERS = "/admin/realms/{realm}/users"
ROLES = f"{USERS}/{{id}}/role-mappings/realm"


class Provider:
    """A provider that keeps the last request, and answers as Keycloak does."""

    def __init__(self) -> None:
        self.asked: Request | None = None
        self.body: Any = None
        self.app = Starlette(
            routes=[
                Route(TOKEN, self.token, methods=["POST"]),
                Route(USERS, self.users, methods=["GET", "POST"]),
                Route(f"{USERS}/{{id}}", self.user, methods=["GET", "PUT"]),
                Route(ROLES, self.user, methods=["POST", "DELETE"]),
            ]
        )

    async def token(self, request: Request) -> Response:
        self.asked, self.body = request, dict(parse_qsl((await request.body()).decode()))
        if self.body.get("password") != "right":
            refusal = {"error": "invalid_grant", "error_description": "Invalid user credentials"}
            return JSONResponse(refusal, 401)
        return JSONResponse({"access_token": "t", "expires_in": 300, "token_type": "Bearer"})

    async def users(self, request: Request) -> Response:
        self.asked = request
        if request.method == "GET":
            return JSONResponse([ADA])
        self.body = await request.json()
        if self.body["email"] == "taken@example.com":
            return JSONResponse({"errorMessage": "User exists with same email"}, 409)
        return Response(status_code=201, headers={"location": "http://idp/admin/x/users/a-1"})

    async def user(self, request: Request) -> Response:
        self.asked = request
        self.body = await request.json() if request.method != "GET" else None
        if request.path_params["id"] != "a-1":
            return Response("<html>", 404)
        return Response(status_code=204) if self.body else JSONResponse(ADA)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def client(provider: Provider) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(provider.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://idp") as client:
        yield client


def grant(password: str) -> idp.TokenRequest:
    return idp.TokenRequest(
        grant_type="password", client_id="shop", username="ada", password=password
    )


async def test_a_form_says_what_is_given_and_nothing_else(
    provider: Provider, client: httpx.AsyncClient
) -> None:
    tokens = await idp.OpenIDConnectApi(client).request_token("books", grant("right"))
    assert (tokens.access_token, tokens.refresh_token) == ("t", None)
    assert provider.body == {
        "grant_type": "password",
        "client_id": "shop",
        "username": "ada",
        "password": "right",
    }


async def test_a_refusal_carries_its_code(client: httpx.AsyncClient) -> None:
    with pytest.raises(idp.IdpError) as refused:
        await idp.OpenIDConnectApi(client).request_token("books", grant("wrong"))
    assert (refused.value.status, refused.value.error) == (401, "invalid_grant")
    assert "right" not in str(refused.value)


async def test_what_is_created_is_known_by_its_address(
    provider: Provider, client: httpx.AsyncClient
) -> None:
    password = idp.Credential(type="password", value="x", temporary=False)
    user = idp.User(email="ada@example.com", first_name="Ada", credentials=[password])
    assert await idp.UsersApi(client).create_user("books", user, token="t") == "a-1"
    assert provider.body == {
        "email": "ada@example.com",
        "firstName": "Ada",
        "credentials": [{"type": "password", "value": "x", "temporary": False}],
    }
    assert provider.asked
    assert provider.asked.headers["authorization"] == "Bearer t"


async def test_the_admin_api_refuses_in_words_of_its_own(client: httpx.AsyncClient) -> None:
    users = idp.UsersApi(client)
    with pytest.raises(idp.IdpError, match="User exists with same email") as taken:
        await users.create_user("books", idp.User(email="taken@example.com"), token="t")
    with pytest.raises(idp.IdpError) as gone:
        await users.get_user("books", "a-2", token="t")
    assert (taken.value.status, gone.value.status, gone.value.error) == (409, 404, "refused")


async def test_a_search_asks_for_what_is_given(
    provider: Provider, client: httpx.AsyncClient
) -> None:
    (ada,) = await idp.UsersApi(client).list_users(
        "books", token="t", email="ada@example.com", exact=True, brief_representation=False
    )
    assert (ada.id, ada.first_name, ada.email_verified) == ("a-1", "Ada", True)
    assert provider.asked
    assert str(provider.asked.query_params) == (
        "email=ada%40example.com&exact=true&briefRepresentation=false"
    )


async def test_roles_are_given_and_taken(provider: Provider, client: httpx.AsyncClient) -> None:
    roles = idp.RolesApi(client)
    order = idp.Role(id="r-1", name="order")
    for change, method in ((roles.add_user_roles, "POST"), (roles.remove_user_roles, "DELETE")):
        await change("books", "a-1", [order], token="t")
        assert provider.asked
        assert (provider.asked.method, provider.body) == (method, [{"id": "r-1", "name": "order"}])


async def test_an_id_cannot_lead_elsewhere(provider: Provider, client: httpx.AsyncClient) -> None:
    with pytest.raises(idp.IdpError):
        await idp.UsersApi(client).get_user("books", "../a-1?x=", token="t")
    assert provider.asked is None or "?" not in provider.asked.url.path
