"""Identity on a real Keycloak: the suites that our own provider passes, and what is Keycloak's."""

import asyncio
import base64
import hashlib
import html
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from tests.harness.keycloak_console import Console
from tools.servers.keycloak import SECRETS, Keycloak

from bookstore.contracts.proto.user.v1 import user_pb2 as pb
from bookstore.contracts.proto.user.v1.user_pb2_grpc import UserServiceStub
from bookstore.identity.app import MIGRATIONS, Identity, open_identity
from bookstore.identity.application.ports import IdentityProvider
from bookstore.identity.domain.account import CUSTOMER
from bookstore.identity.domain.email import Email, EmailTakenError
from bookstore.identity.domain.session import SessionEndedError
from bookstore.identity.outbound.attempts import SqlAttempts
from bookstore.identity.outbound.keycloak.open import open_keycloak
from bookstore.identity.settings import Settings
from bookstore.kit.auth import TokenRefusedError
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import SystemClock
from bookstore.kit.database import open_database
from bookstore.kit.errors import BookstoreError
from bookstore.kit.http import Application, application
from bookstore.kit.rpc import ServiceTokens, open_channel, open_server, services_only
from services.identity.tests.builders import ADA, HOME, PASSWORD, person
from services.identity.tests.test_http import (  # noqa: F401 - the suites run here too
    staff,
    test_a_changed_password_ends_every_session,
    test_a_deleted_user_is_gone,
    test_a_disabled_user_is_shut_out,
    test_a_password_is_taken_as_it_is,
    test_a_promoted_user_may_what_staff_may,
    test_a_wrong_current_password_is_told_with_its_place,
    test_guessing_is_stopped_whatever_the_headers_say,
    test_others_are_nobodys_business,
    test_signing_out_ends_the_session_and_takes_the_cookie,
    test_staff_find_users,
    test_the_last_administrator_stays,
    test_two_sign_ups_of_one_address_at_once_are_one_account,
    test_whatever_does_not_belong_together_is_401,
)
from services.identity.tests.test_provider import *  # noqa: F403 - likewise, all of it
from services.identity.tests.web import STAFF, browser, code, exchange, sign_in, sign_up

PATIENCE_S = 1.1  # so long after it fetched the keys a verifier asks for others
SECOND = 1.1  # Keycloak counts in seconds: within one it takes a refresh token for new


@pytest.fixture
def settings(server: Keycloak, tmp_path: Path) -> Settings:
    return Settings(
        database_url=f"sqlite:///{tmp_path}/identity.db",
        idp="keycloak",
        oidc_issuer=server.realm,
        service_secret=SECRETS["identity"],
    )


@pytest.fixture  # type: ignore[no-redef] # the suite's own is of other providers
async def provider(settings: Settings, console: Console) -> AsyncIterator[IdentityProvider]:
    del console  # there is nobody yet
    with open_database(settings.database_url, MIGRATIONS) as database:
        async with open_keycloak(
            settings.issuer,
            url=settings.oidc_issuer,
            secret=settings.service_secret,
            attempts=database.transact(SqlAttempts),
            clock=SystemClock(),
        ) as opened:
            yield opened.provider


@pytest.fixture
async def identity(settings: Settings, console: Console) -> AsyncIterator[Identity]:
    del console  # there is nobody yet
    async with open_identity(settings) as opened:
        await opened.staff.ensure(STAFF["email"], STAFF["password"])
        yield opened


@pytest.fixture
def app(identity: Identity) -> Application:
    return application(identity.operations, authenticator=identity.authenticator)


@pytest.fixture
async def client(app: Application) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as opened:
        yield opened


def claims(token: str) -> dict[str, Any]:
    said: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return said


async def service_token(settings: Settings, name: str = "order") -> str:
    async with httpx.AsyncClient() as http:
        tokens = ServiceTokens(http, settings.issuer.token_url, client=name, secret=SECRETS[name])
        return await tokens()


# --- accounts and sessions


async def test_an_address_is_compared_as_ours_are_and_a_name_is_anybodys(
    provider: IdentityProvider,
) -> None:
    odd = person("O'Brien+straße@books.example", 'Ann "&" <Bob>', "")
    account = await provider.enrol(odd, PASSWORD, CUSTOMER)
    tokens = await provider.sign_in("o'brien+STRASSE@BOOKS.example", PASSWORD, HOME)

    assert tokens.account.id == account.id
    assert tokens.account.person.first_name == odd.first_name
    with pytest.raises(EmailTakenError):
        await provider.enrol(
            person("O'BRIEN+strasse@books.example"),
            PASSWORD,
            CUSTOMER,
        )
    with pytest.raises(BookstoreError):
        await provider.find_by_email(Email("nobody@"))


async def test_a_token_whose_successor_was_used_ends_the_session(  # type: ignore[no-redef] # at Keycloak's pace
    provider: IdentityProvider,
) -> None:
    await provider.enrol(person(), PASSWORD, CUSTOMER)
    first = await provider.sign_in(ADA, PASSWORD, HOME)
    await asyncio.sleep(SECOND)
    second = await provider.renew(first.refresh_token)

    for stolen in (first, second):
        with pytest.raises(SessionEndedError):
            await provider.renew(stolen.refresh_token)


async def test_a_session_goes_on_by_its_cookie_and_ends_where_that_is_used_again(
    client: httpx.AsyncClient,
) -> None:
    await sign_up(client)
    first = (await sign_in(client)).cookies["refresh_token"]
    await asyncio.sleep(SECOND)
    second = (await exchange(client)).cookies["refresh_token"]
    client.cookies.clear()
    stolen = await exchange(client, first)
    heir = await exchange(client, second)

    assert code(stolen) == code(heir) == (401, "session-ended")


async def test_typing_wrongly_and_fast_locks_nobody_out(client: httpx.AsyncClient) -> None:
    await sign_up(client)
    wrong = [await sign_in(client, email=ADA, password=f"guess {n}") for n in range(9)]

    assert {answer.status_code for answer in wrong} == {401}
    assert (await sign_in(client)).status_code == 200


# --- tokens


async def test_a_users_token_says_what_ours_says(
    client: httpx.AsyncClient, identity: Identity, settings: Settings
) -> None:
    signed_up = await sign_up(client)
    token = (await sign_in(client)).json()["access_token"]
    caller = await identity.authenticator.authenticate(token)
    said = claims(token)

    assert str(caller.id) == signed_up.json()["id"]
    assert (caller.email, caller.roles) == (ADA, CUSTOMER)
    assert (said["iss"], said["aud"]) == (settings.oidc_issuer, "bookstore")
    assert said["exp"] - said["iat"] == 900
    assert set(said["realm_access"]["roles"]) == {"profile", "order", "view"}
    assert "resource_access" not in said


async def test_a_services_token_says_what_ours_says(
    identity: Identity, settings: Settings
) -> None:
    for name in SECRETS.keys() - {"identity"}:
        token = await service_token(settings, name)

        assert await identity.authenticator.authenticate(token) == Caller(
            roles=frozenset({Role.SYSTEM})
        )
        assert (claims(token)["sub"], claims(token)["aud"]) == (name, "bookstore")


async def test_other_tokens_of_keycloaks_are_no_access_tokens(
    client: httpx.AsyncClient, identity: Identity, console: Console
) -> None:
    await sign_up(client)
    signed_in = await sign_in(client)
    forged = signed_in.json()["access_token"][:-4] + "AAAA"

    for token in (signed_in.cookies["refresh_token"], console.token, forged):
        with pytest.raises(TokenRefusedError):
            await identity.authenticator.authenticate(token)


async def test_a_key_is_rotated_without_a_restart_and_nobody_is_signed_out(
    client: httpx.AsyncClient, identity: Identity, console: Console
) -> None:
    await sign_up(client)
    before = await sign_in(client)
    await identity.authenticator.authenticate(before.json()["access_token"])
    console.rotate()
    await asyncio.sleep(PATIENCE_S)
    after = await exchange(client)
    kids = [
        jwt.get_unverified_header(one.json()["access_token"])["kid"] for one in (before, after)
    ]

    assert kids[0] != kids[1]
    for one in (after, before):
        await identity.authenticator.authenticate(one.json()["access_token"])


async def test_a_page_of_ours_gets_tokens_by_the_code_flow_with_pkce_and_no_other_way(
    server: Keycloak, client: httpx.AsyncClient, identity: Identity
) -> None:
    signed_up = await sign_up(client)
    connect = f"{server.realm}/protocol/openid-connect"
    page = "http://127.0.0.1:5173/back"
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    asked = {"client_id": "bookstore", "response_type": "code", "scope": "openid"}
    asked |= {"redirect_uri": page, "code_challenge_method": "S256", "code_challenge": challenge}
    form = {"client_id": "bookstore", "redirect_uri": page, "grant_type": "authorization_code"}

    async with httpx.AsyncClient(timeout=30) as web:

        async def log_in() -> str:
            web.cookies.clear()
            shown = await web.get(f"{connect}/auth", params=asked)
            for cookie in web.cookies.jar:
                cookie.secure = False  # browsers send them on loopback, httpx does not
            (action,) = re.findall(r'action="([^"]+)"', shown.text)
            person_ = {"username": ADA, "password": PASSWORD}
            back = await web.post(html.unescape(action), data=person_)
            return parse_qs(urlsplit(back.headers["location"]).query)["code"][0]

        unproved = await web.get(f"{connect}/auth", params={**asked, "code_challenge": ""})
        bare = await web.post(f"{connect}/token", data=form | {"code": await log_in()})
        whole = form | {"code": await log_in(), "code_verifier": verifier}
        granted = (await web.post(f"{connect}/token", data=whole)).raise_for_status().json()
        password = {"grant_type": "password", "username": ADA, "password": PASSWORD}
        direct = await web.post(f"{connect}/token", data=password | {"client_id": "bookstore"})

    assert "error=invalid_request" in unproved.headers["location"]
    assert bare.json()["error"] == "invalid_grant"
    assert direct.json()["error"] == "unauthorized_client"
    caller = await identity.authenticator.authenticate(granted["access_token"])
    assert str(caller.id) == signed_up.json()["id"]
    with pytest.raises(TokenRefusedError):
        await identity.authenticator.authenticate(granted["id_token"])


# --- services


async def test_services_call_each_other_with_their_own_tokens_and_nobody_else_does(
    identity: Identity, client: httpx.AsyncClient, settings: Settings
) -> None:
    asked = pb.FindUserRequest(id=(await sign_up(client)).json()["id"])
    users = (await sign_in(client, **STAFF)).json()["access_token"]
    now = [0.0]

    async def as_staff() -> str:
        return str(users)

    async with (
        httpx.AsyncClient() as http,
        open_server(
            identity.rpc, "127.0.0.1:0", check=services_only(identity.authenticator)
        ) as server,
    ):
        tokens = ServiceTokens(
            http,
            settings.issuer.token_url,
            client="order",
            secret=SECRETS["order"],
            now=lambda: now[0],
        )
        channel = open_channel(server.address, token=tokens)
        found = await UserServiceStub(channel).FindUser(asked, timeout=10)
        first = await tokens()
        now[0] = 449
        assert await tokens() == first
        now[0] = 451  # half of its life
        assert await tokens() != first
        await UserServiceStub(channel).FindUser(asked, timeout=10)
        await channel.close()
        stranger = open_channel(server.address, token=as_staff)
        with pytest.raises(BookstoreError):
            await UserServiceStub(stranger).FindUser(asked)
        await stranger.close()

    assert found.user.email == ADA


# --- Keycloak away


async def test_without_keycloak_tokens_go_on_and_signing_in_is_503_until_it_is_back(
    server: Keycloak, client: httpx.AsyncClient, identity: Identity, settings: Settings
) -> None:
    await sign_up(client)
    token = (await sign_in(client)).json()["access_token"]
    other = (await sign_in(client)).json()["access_token"]
    services = await service_token(settings)
    await identity.authenticator.authenticate(token)
    server.stop()

    for good in (token, other, services):  # the keys are known; who was not seen yet is, too
        await identity.authenticator.authenticate(good)
    refused = await sign_in(client)
    assert code(refused) == (503, "identity-provider-away")
    assert refused.headers["retry-after"] == "5"

    server.start()
    assert (await exchange(client)).status_code == 200
    assert (await sign_in(client)).status_code == 200
