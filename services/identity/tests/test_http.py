"""Identity over HTTP, on our own provider and SQLite."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from bookstore.identity.app import Identity, open_identity
from bookstore.identity.settings import Settings
from bookstore.kit.clock import FakeClock
from bookstore.kit.http import Application, application
from services.identity.tests.builders import ADA, CAFE, PASSWORD
from services.identity.tests.conftest import EFFORT
from services.identity.tests.web import (
    ADAS,
    STAFF,
    bearer,
    browser,
    code,
    exchange,
    sign_in,
    sign_up,
)


@pytest.fixture
async def staff(app: Application, client: AsyncClient) -> AsyncIterator[AsyncClient]:
    token = (await sign_in(client, **STAFF)).json()["access_token"]
    client.cookies.clear()
    async with browser(app, authorization=f"Bearer {token}") as opened:
        yield opened


# --- signing up


async def test_who_signs_up_can_sign_in_and_look_at_themselves(client: AsyncClient) -> None:
    signed_up = await sign_up(client, phone="+44 20 7946 0000")
    assert signed_up.status_code == 201
    signed_in = await sign_in(client)
    me = await client.get(signed_up.headers["location"], headers=bearer(signed_in))

    assert me.json() == {
        "id": signed_up.json()["id"],
        "email": ADA,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "+44 20 7946 0000",
        "roles": ["profile", "order", "view"],
        "enabled": True,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "version": 1,
    }
    assert me.headers["etag"] == '"1.pov.1"'


async def test_two_sign_ups_of_one_address_at_once_are_one_account(client: AsyncClient) -> None:
    results = await asyncio.gather(sign_up(client), sign_up(client, email="ADA@Example.com"))

    assert sorted(result.status_code for result in results) == [201, 409]
    assert [code(r) for r in results if r.status_code == 409] == [(409, "email-taken")]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"email": " ada@example.com"}, "/email"),
        ({"email": "ada@example.com\t"}, "/email"),
        ({"email": "ada"}, "/email"),
        ({"email": "ada@localhost"}, "/email"),
        ({"email": "<ada@example.com>"}, "/email"),
        ({"email": "\u3000ada@example.com"}, "/email"),
        ({"password": "1234567"}, "/password"),
        ({"password": "x" * 129}, "/password"),
        ({"password": "nul\0nul\0nul"}, "/password"),
        ({"first_name": "\u200b"}, "/first_name"),
        ({"last_name": " "}, "/last_name"),
        ({"phone": ""}, "/phone"),
        ({"roles": ["manage"]}, "/roles"),
        ({"id": "01890a5d-ac96-774b-bcce-b302099a8057"}, "/id"),
        ({"enabled": True}, "/enabled"),
    ],
)
async def test_what_breaks_a_rule_is_refused_with_its_place(
    client: AsyncClient, changes: dict[str, Any], pointer: str
) -> None:
    refused = await sign_up(client, **changes)

    assert refused.status_code == 422
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]


async def test_a_password_is_taken_as_it_is(client: AsyncClient) -> None:
    await sign_up(client, password="  cafe\u0301 \ufb01ne  ")

    assert (await sign_in(client, email=ADA, password="  caf\u00e9 fine  ")).status_code == 200
    assert (await sign_in(client, email=ADA, password="caf\u00e9 fine")).status_code == 401


# --- sessions


async def test_the_refresh_token_travels_as_a_cookie_out_of_reach(client: AsyncClient) -> None:
    await sign_up(client)
    signed_in = await sign_in(client)

    assert signed_in.json().keys() == {"access_token", "token_type", "expires_in"}
    assert (signed_in.json()["token_type"], signed_in.json()["expires_in"]) == ("Bearer", 900)
    assert signed_in.headers["cache-control"] == "no-store"
    _, *attributes = signed_in.headers["set-cookie"].split("; ")
    assert attributes == ["Max-Age=2592000", "Path=/api/v1/users", "HttpOnly", "SameSite=Strict"]


async def test_off_loopback_the_cookie_is_secure(url: str, clock: FakeClock) -> None:
    settings = Settings(database_url=url, public_url="https://books.example")
    async with open_identity(settings, clock=clock, effort=EFFORT) as identity:
        app = application(identity.operations, authenticator=identity.authenticator)
        async with browser(app) as client:
            await sign_up(client)
            assert (await sign_in(client)).headers["set-cookie"].endswith("; Secure")


@pytest.mark.parametrize(
    "credentials",
    [
        {"email": ADA, "password": "another password"},
        {"email": ADA, "password": "x" * 200_000},
        {"email": ADA, "password": ""},
        {"email": "grace@example.com", "password": PASSWORD},
        {"email": f" {ADA}", "password": PASSWORD},
        {"email": "", "password": PASSWORD},
    ],
)
async def test_whatever_does_not_belong_together_is_401(
    client: AsyncClient, credentials: dict[str, str]
) -> None:
    await sign_up(client)
    refused = await sign_in(client, **credentials)

    assert code(refused) == (401, "credentials-refused")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert "set-cookie" not in refused.headers


async def test_an_exchange_needs_the_cookie_only(client: AsyncClient, clock: FakeClock) -> None:
    await sign_up(client)
    old = await sign_in(client)
    clock.advance(timedelta(hours=1))
    new = await exchange(client)

    assert new.status_code == 200
    assert new.json()["access_token"] != old.json()["access_token"]
    assert (await exchange(client)).status_code == 200


async def test_one_cookie_five_times_at_once_has_one_successor(
    client: AsyncClient, clock: FakeClock
) -> None:
    await sign_up(client)
    first = (await sign_in(client)).cookies["refresh_token"]
    client.cookies.clear()
    answers = await asyncio.gather(*(exchange(client, first) for _ in range(5)))

    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.cookies["refresh_token"] for answer in answers}
    client.cookies.clear()
    clock.advance(timedelta(seconds=30))
    late = await exchange(client, first)
    assert code(late) == (401, "session-ended")
    assert "set-cookie" not in late.headers
    assert code(await exchange(client, successor)) == (401, "session-ended")


@pytest.mark.parametrize("path", ["/api/v1/users/signout", "/api/v1/users/tokens/exchange"])
@pytest.mark.parametrize("cookie", ["", "other=1", "refresh_token=", "refresh_token=made.up.x"])
async def test_without_a_session_there_is_nothing_to_exchange_or_end(
    client: AsyncClient, path: str, cookie: str
) -> None:
    refused = await client.post(path, headers={"cookie": cookie})

    assert code(refused) == (401, "session-ended")


async def test_signing_out_ends_the_session_and_takes_the_cookie(client: AsyncClient) -> None:
    await sign_up(client)
    token = (await sign_in(client)).cookies["refresh_token"]
    signed_out = await client.post("/api/v1/users/signout")

    assert signed_out.status_code == 204
    assert signed_out.headers["set-cookie"].startswith("refresh_token=; Max-Age=0; ")
    assert "refresh_token" not in client.cookies
    assert code(await exchange(client, token)) == (401, "session-ended")


# --- guessing


async def test_guessing_is_stopped_whatever_the_headers_say(app: Application) -> None:
    async with browser(app) as here, browser(app, CAFE) as there:
        await sign_up(here)
        await sign_up(here, email="grace@example.com")
        for n in range(10):
            made_up = {
                "x-forwarded-for": f"203.0.113.{n}",
                "forwarded": f"for=203.0.113.{n}",
                "x-real-ip": f"203.0.113.{n}",
            }
            wrong = {"email": ADA, "password": f"guess {n}"}
            refused = await here.post("/api/v1/users/signin", json=wrong, headers=made_up)
            assert refused.status_code == 401
        stopped = await here.post(
            "/api/v1/users/signin", json=ADAS, headers={"x-forwarded-for": "203.0.113.99"}
        )

        assert code(stopped) == (429, "too-many-attempts")
        assert 890 < int(stopped.headers["retry-after"]) <= 900
        assert (
            await sign_in(here, email="grace@example.com", password=PASSWORD)
        ).status_code == 200
        assert (await sign_in(there)).status_code == 200


# --- passwords


async def test_a_changed_password_ends_every_session(client: AsyncClient) -> None:
    await sign_up(client)
    signed_in = await sign_in(client)
    change = {"current_password": PASSWORD, "new_password": "new password"}
    changed = await client.put("/api/v1/users/password", json=change, headers=bearer(signed_in))

    assert changed.status_code == 204
    assert code(await exchange(client)) == (401, "session-ended")
    assert (await sign_in(client)).status_code == 401
    assert (await sign_in(client, email=ADA, password="new password")).status_code == 200


async def test_a_wrong_current_password_is_told_with_its_place(client: AsyncClient) -> None:
    await sign_up(client)
    change = {"current_password": "wrong password", "new_password": "new password"}
    refused = await client.put(
        "/api/v1/users/password", json=change, headers=bearer(await sign_in(client))
    )

    assert code(refused) == (422, "password-wrong")
    assert refused.json()["errors"][0]["pointer"] == "/current_password"


async def test_a_service_has_no_password(client: AsyncClient, identity: Identity) -> None:
    assert identity.issuer
    token = (await identity.issuer.service_token("order")).text
    change = {"current_password": PASSWORD, "new_password": "new password"}
    headers = {"authorization": f"Bearer {token}"}
    refused = await client.put("/api/v1/users/password", json=change, headers=headers)

    assert code(refused) == (403, "forbidden")


async def test_identity_is_ready_while_its_database_answers(identity: Identity) -> None:
    await identity.ready()


# --- administration


async def test_staff_find_users(client: AsyncClient, staff: AsyncClient) -> None:
    await sign_up(client)
    page = (await staff.get("/api/v1/users?name=LOVE&email=Ada@Example.com")).json()

    assert page["total"] == 1
    assert [user["email"] for user in page["items"]] == [ADA]
    assert (await staff.get("/api/v1/users?sort=email&order=asc")).json()["total"] == 2
    assert (await staff.get("/api/v1/users?sort=password_hash")).status_code == 422
    assert (await staff.get("/api/v1/users?role=manage")).status_code == 422


async def test_a_disabled_user_is_shut_out(client: AsyncClient, staff: AsyncClient) -> None:
    path = (await sign_up(client)).headers["location"]
    await sign_in(client)
    assert (await staff.post(f"{path}/disable")).json()["enabled"] is False

    assert code(await exchange(client)) == (401, "session-ended")
    assert code(await sign_in(client)) == (403, "account-disabled")
    assert (await staff.post(f"{path}/enable")).json()["enabled"] is True
    assert (await sign_in(client)).status_code == 200


async def test_a_promoted_user_may_what_staff_may(client: AsyncClient, staff: AsyncClient) -> None:
    path = (await sign_up(client)).headers["location"]
    await sign_in(client)
    changed = await staff.put(f"{path}/roles", json={"roles": ["view", "system", "view"]})

    assert changed.json()["roles"] == ["system", "view"]
    promoted = bearer(await exchange(client))
    assert (await client.get("/api/v1/users", headers=promoted)).status_code == 200


async def test_a_deleted_user_is_gone(client: AsyncClient, staff: AsyncClient) -> None:
    path = (await sign_up(client)).headers["location"]
    await sign_in(client)
    assert (await staff.delete(path)).status_code == 204

    assert code(await staff.get(path)) == (404, "user-not-found")
    assert code(await exchange(client)) == (401, "session-ended")
    assert (await sign_in(client)).status_code == 401
    assert (await sign_up(client)).status_code == 201


async def test_the_last_administrator_stays(staff: AsyncClient) -> None:
    (me,) = (await staff.get("/api/v1/users")).json()["items"]
    path = f"/api/v1/users/{me['id']}"

    for attempt in (
        staff.delete(path),
        staff.post(f"{path}/disable"),
        staff.put(f"{path}/roles", json={"roles": ["manage"]}),
    ):
        assert code(await attempt) == (409, "last-administrator")


async def test_others_are_nobodys_business(client: AsyncClient, staff: AsyncClient) -> None:
    grace = (await sign_up(client, email="grace@example.com")).headers["location"]
    await sign_up(client)
    ada = bearer(await sign_in(client))

    assert (await staff.get(grace)).status_code == 200
    assert code(await client.get(grace, headers=ada)) == (404, "user-not-found")
    for method, path in [
        ("GET", "/api/v1/users"),
        ("DELETE", grace),
        ("PUT", f"{grace}/roles"),
        ("POST", f"{grace}/disable"),
        ("POST", f"{grace}/enable"),
    ]:
        assert (await client.request(method, path, headers=ada)).status_code == 403
        assert (await client.request(method, path)).status_code == 401
