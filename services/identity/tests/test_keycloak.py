"""What is Keycloak's own about the identity provider; what any must do is in test_provider."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import httpx
import pytest

from bookstore.contracts.idp import IdpError
from bookstore.identity.app import Provided, open_identity, wire
from bookstore.identity.application.ports import IdentityProvider
from bookstore.identity.domain.account import (
    CUSTOMER,
    STAFF,
    Account,
    CredentialsRefusedError,
    LastAdministratorError,
    ProviderAwayError,
    TooManyAttemptsError,
    UserId,
    UserNotFoundError,
)
from bookstore.identity.domain.email import Email, EmailInvalidError
from bookstore.identity.domain.password import PasswordInvalidError
from bookstore.identity.domain.session import SessionEndedError
from bookstore.identity.outbound.keycloak.provider import KeycloakProvider
from bookstore.identity.outbound.keycloak.realm import Realm
from bookstore.identity.settings import Settings
from bookstore.kit.auth import RemoteKeys
from bookstore.kit.caller import Role
from bookstore.kit.clock import FakeClock, SystemClock
from bookstore.kit.errors import UnavailableError
from bookstore.kit.http import application
from bookstore.kit.ids import uuid7
from bookstore.kit.rpc import ServiceTokens
from bookstore.kit.transaction import at_once
from services.identity.tests.builders import ADA, HOME, PASSWORD, person
from services.identity.tests.fakes import MemoryProfiles
from services.identity.tests.keycloak import ISSUER, REALM, SECRET, FakeKeycloak
from services.identity.tests.web import bearer, browser, code, sign_in, sign_up

NOBODY = UserId(uuid7())
BROKEN = httpx.Response(500, json={"error": "unknown_error"})
LOST = httpx.ConnectError("refused")


# --- half-made users


async def test_whoever_cannot_be_given_their_roles_is_not_left_half_made(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    realm.answers["role-mappings"] = BROKEN
    with pytest.raises(ProviderAwayError):
        await keycloak.enrol(person(), PASSWORD, CUSTOMER)

    realm.answers.clear()
    await keycloak.enrol(person(), PASSWORD, CUSTOMER)


async def test_a_client_that_hangs_up_leaves_nothing_half_made(
    keycloak: KeycloakProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = asyncio.Event()

    async def hang(*_: object) -> None:
        entered.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("bookstore.identity.outbound.keycloak.users.RealmUsers.give", hang)
    enrolling = asyncio.create_task(keycloak.enrol(person(), PASSWORD, CUSTOMER))
    await entered.wait()
    enrolling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await enrolling

    assert await keycloak.find_by_email(Email(ADA)) is None


async def test_what_cannot_be_mended_is_told_to_staff(
    keycloak: KeycloakProvider, realm: FakeKeycloak, caplog: pytest.LogCaptureFixture
) -> None:
    realm.answers["users/"] = BROKEN
    with pytest.raises(ProviderAwayError):
        await keycloak.enrol(person(), PASSWORD, CUSTOMER)

    assert "half made" in caplog.text


# --- attempts


async def test_guessing_is_stopped_before_keycloak_is_asked(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    await keycloak.enrol(person(), PASSWORD, CUSTOMER)
    for n in range(10):
        with pytest.raises(CredentialsRefusedError):
            await keycloak.sign_in(ADA, f"guess {n}", HOME)
    realm.asked.clear()

    with pytest.raises(TooManyAttemptsError):
        await keycloak.sign_in(ADA, PASSWORD, HOME)
    assert realm.asked == []


async def test_an_attempt_that_nobody_judged_does_not_count(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    await keycloak.enrol(person(), PASSWORD, CUSTOMER)
    for n in range(9):
        with pytest.raises(CredentialsRefusedError):
            await keycloak.sign_in(ADA, f"guess {n}", HOME)
    realm.answers["token"] = LOST
    for _ in range(3):
        with pytest.raises(ProviderAwayError):
            await keycloak.sign_in(ADA, PASSWORD, HOME)
    realm.answers.clear()

    await keycloak.sign_in(ADA, PASSWORD, HOME)


# --- Keycloak away

ASKED: dict[str, Callable[[IdentityProvider], Awaitable[object]]] = {
    "enrol": lambda provider: provider.enrol(person(), PASSWORD, CUSTOMER),
    "sign in": lambda provider: provider.sign_in(ADA, PASSWORD, HOME),
    "renew": lambda provider: provider.renew("a.0"),
    "sign out": lambda provider: provider.sign_out("a.0"),
    "find": lambda provider: provider.find(NOBODY),
    "find all": lambda provider: provider.find_all([NOBODY]),
    "find by email": lambda provider: provider.find_by_email(Email(ADA)),
    "administrators": lambda provider: provider.administrators(),
    "replace person": lambda provider: provider.replace_person(NOBODY, person()),
    "replace roles": lambda provider: provider.replace_roles(NOBODY, CUSTOMER),
    "disable": lambda provider: provider.set_enabled(NOBODY, enabled=False),
    "enable": lambda provider: provider.set_enabled(NOBODY, enabled=True),
    "remove": lambda provider: provider.remove(NOBODY),
    "change password": lambda provider: provider.change_password(NOBODY, "x", PASSWORD, HOME),
    "reset password": lambda provider: provider.reset_password(NOBODY, PASSWORD),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("answer", [LOST, httpx.Response(503, text="<html>")], ids=["lost", "503"])
async def test_a_keycloak_that_is_away_is_said_to_be(
    keycloak: KeycloakProvider,
    realm: FakeKeycloak,
    answer: httpx.Response | Exception,
    asked: str,
) -> None:
    realm.answers[""] = answer

    with pytest.raises(ProviderAwayError) as away:
        await ASKED[asked](keycloak)
    assert away.value.retry_after == 5


@pytest.mark.parametrize(
    "answer",
    [BROKEN, httpx.Response(429), httpx.Response(200, text="<html>")],
    ids=["broken", "busy", "nonsense"],
)
async def test_a_keycloak_that_is_not_itself_is_away(
    keycloak: KeycloakProvider, realm: FakeKeycloak, answer: httpx.Response
) -> None:
    realm.answers["token"] = answer

    with pytest.raises(ProviderAwayError):
        await keycloak.sign_in(ADA, PASSWORD, HOME)


async def test_a_keycloak_that_never_answers_is_not_waited_for() -> None:
    async def silent(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("it never answers")

    async with httpx.AsyncClient(
        base_url="https://id.example", transport=httpx.MockTransport(silent)
    ) as http:
        tokens = ServiceTokens(http, ISSUER.token_url, client="identity", secret=SECRET)
        late = Realm("bookstore", SECRET, http, tokens, deadline=0.01)

        with pytest.raises(ProviderAwayError):
            await late.exchange_password(ADA, PASSWORD)


async def test_those_who_wait_for_a_slow_keycloak_do_not_wait_long(
    keycloak: KeycloakProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bookstore.identity.outbound.keycloak.provider.DEADLINE_S", 0.01)
    monkeypatch.setattr(keycloak, "_proving", asyncio.Semaphore(0))

    with pytest.raises(ProviderAwayError):
        await keycloak.sign_in(ADA, PASSWORD, HOME)


# --- identity's own standing


async def test_another_secret_is_told_to_staff_and_not_to_customers(
    keycloak: KeycloakProvider, realm: FakeKeycloak, caplog: pytest.LogCaptureFixture
) -> None:
    realm.secret = "another secret of identity's than before"

    with pytest.raises(ProviderAwayError):
        await keycloak.sign_in(ADA, PASSWORD, HOME)
    with pytest.raises(ProviderAwayError):
        await keycloak.find(NOBODY)
    assert "is not known by its secret" in caplog.text
    assert realm.secret not in caplog.text


async def test_a_token_that_is_refused_is_exchanged_once(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    account = await keycloak.enrol(person(), PASSWORD, CUSTOMER)
    realm.admin = "admin-2"

    assert await keycloak.find(account.id) == account


async def test_rights_that_identity_lacks_are_told_to_staff(
    keycloak: KeycloakProvider, realm: FakeKeycloak, caplog: pytest.LogCaptureFixture
) -> None:
    realm.answers["users"] = httpx.Response(403, json={"error": "HTTP 403 Forbidden"})

    with caplog.at_level(logging.ERROR), pytest.raises(ProviderAwayError):
        await keycloak.enrol(person(), PASSWORD, CUSTOMER)
    assert "may not administer users" in caplog.text
    assert realm.asked.count("POST users") == 2


# --- what Keycloak refuses or knows besides


async def test_a_new_password_that_was_not_set_has_ended_the_sessions_already(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    account = await keycloak.enrol(person(), PASSWORD, CUSTOMER)
    session = await keycloak.sign_in(ADA, PASSWORD, HOME)
    realm.answers["reset-password"] = LOST
    with pytest.raises(ProviderAwayError):
        await keycloak.change_password(account.id, PASSWORD, "new password", HOME)

    realm.answers.clear()
    with pytest.raises(SessionEndedError):
        await keycloak.renew(session.refresh_token)
    await keycloak.sign_in(ADA, PASSWORD, HOME)


async def test_a_realm_may_want_better_passwords(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    account = await keycloak.enrol(person(), PASSWORD, CUSTOMER)
    realm.policy = "invalidPasswordMinUpperCaseCharsMessage"

    with pytest.raises(PasswordInvalidError):
        await keycloak.enrol(person("grace@example.com"), PASSWORD, CUSTOMER)
    with pytest.raises(PasswordInvalidError):
        await keycloak.reset_password(account.id, PASSWORD)


async def test_an_address_that_keycloak_does_not_take_is_no_address(
    keycloak: KeycloakProvider,
) -> None:
    with pytest.raises(EmailInvalidError):
        await keycloak.enrol(person("a..b@example.com"), PASSWORD, CUSTOMER)


async def test_a_user_of_a_service_is_nobody(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    (service,) = realm.users

    with pytest.raises(UserNotFoundError):
        await keycloak.find(UserId(UUID(service)))
    assert await keycloak.administrators() == []


async def test_whoever_was_made_by_hand_signs_in_with_their_address(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    realm.add("sam", PASSWORD, email="sam@example.com", firstName="Sam")
    tokens = await keycloak.sign_in("SAM@example.com", PASSWORD, HOME)

    assert tokens.account == await keycloak.find_by_email(Email("Sam@Example.com"))
    assert tokens.account.person == person("sam@example.com", "Sam", "")


async def test_whoever_has_no_address_is_somebody_all_the_same(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    realm.add("sam", PASSWORD)
    tokens = await keycloak.sign_in("sam", PASSWORD, HOME)

    assert tokens.account.person.email.text == f"{tokens.account.id}@unknown.invalid"


async def test_many_accounts_are_found_in_few_requests(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    account = await keycloak.enrol(person(), PASSWORD, CUSTOMER)
    realm.asked.clear()
    others = [UserId(uuid7()) for _ in range(150)]

    assert await keycloak.find_all([*others, account.id]) == {account.id: account}
    assert len(realm.asked) == 3  # a hundred at a time, and the roles of the one


async def test_whoever_is_deleted_while_many_are_looked_up_is_left_out(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> None:
    account = await keycloak.enrol(person(), PASSWORD, CUSTOMER)
    realm.answers["role-mappings"] = httpx.Response(404, json={"error": "User not found"})

    assert await keycloak.find_all([account.id]) == {}


@pytest.mark.parametrize(
    "asked", ["sign out", "find", "find all", "administrators", "reset password"]
)
async def test_a_refusal_that_nobody_knows_is_not_explained_away(
    keycloak: KeycloakProvider, realm: FakeKeycloak, asked: str
) -> None:
    await keycloak.enrol(person(), PASSWORD, STAFF)
    realm.answers = {"users": httpx.Response(418), "logout": httpx.Response(418)}

    with pytest.raises(IdpError):
        await ASKED[asked](keycloak)


async def test_two_administrators_who_leave_at_once_leave_one_behind(
    keycloak: KeycloakProvider,
) -> None:
    two = [
        await keycloak.enrol(person(email), PASSWORD, STAFF)
        for email in (ADA, "grace@example.com")
    ]
    await asyncio.gather(*(keycloak.remove(one.id) for one in two), return_exceptions=True)

    assert await keycloak.administrators()


async def test_the_last_of_two_comes_back_if_the_other_left_meanwhile(
    keycloak: KeycloakProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await keycloak.enrol(person(), PASSWORD, STAFF)
    found = iter([[account, account], []])  # so many administrate before, and after

    async def administrators(_self: object) -> list[Account]:
        return next(found)

    monkeypatch.setattr(
        "bookstore.identity.outbound.keycloak.users.RealmUsers.administrators", administrators
    )
    with pytest.raises(LastAdministratorError):
        await keycloak.replace_roles(account.id, {Role.VIEW})

    assert (await keycloak.find(account.id)).roles == STAFF


# --- the whole service


@pytest.fixture
async def shop(
    keycloak: KeycloakProvider, realm: FakeKeycloak
) -> AsyncIterator[httpx.AsyncClient]:
    clock = SystemClock()
    async with httpx.AsyncClient(transport=httpx.MockTransport(realm)) as http:
        profiles = at_once(MemoryProfiles())
        identity = wire(
            read(),
            provided=Provided(provider=keycloak, keys=RemoteKeys(ISSUER.keys_url, http)),
            transact=profiles,
            read=profiles,
            clock=clock,
        )
        app = application(identity.operations, authenticator=identity.authenticator)
        async with browser(app) as client:
            yield client


def read(url: str = "sqlite:///", realm: str = REALM) -> Settings:
    return Settings(database_url=url, idp="keycloak", oidc_issuer=realm, service_secret=SECRET)


async def test_a_token_of_keycloaks_opens_the_same_doors(shop: httpx.AsyncClient) -> None:
    signed_up = await sign_up(shop, email="Ada@Example.com", phone="+44 1")
    signed_in = await sign_in(shop)
    own = await shop.get(signed_up.headers["location"], headers=bearer(signed_in))
    staffs = await shop.get("/api/v1/users", headers=bearer(signed_in))

    assert own.json()["email"] == "Ada@Example.com"
    assert sorted(own.json()["roles"]) == ["order", "profile", "view"]
    assert staffs.status_code == 403


async def test_where_keycloak_issues_tokens_identity_does_not(shop: httpx.AsyncClient) -> None:
    form = {"grant_type": "password", "username": ADA, "password": PASSWORD}

    assert (await shop.post("/oauth/token", data=form)).status_code == 404
    assert (await shop.get("/.well-known/jwks.json")).status_code == 404


async def test_signing_in_without_keycloak_is_503_and_who_is_in_stays_in(
    shop: httpx.AsyncClient, realm: FakeKeycloak
) -> None:
    signed_up = await sign_up(shop)
    signed_in = await sign_in(shop)
    change = {"current_password": PASSWORD, "new_password": "new password"}
    await shop.get(signed_up.headers["location"], headers=bearer(signed_in))
    realm.answers[""] = LOST
    refused = await sign_in(shop)
    known = await shop.get("/api/v1/users", headers=bearer(signed_in))
    changed = await shop.put("/api/v1/users/password", json=change, headers=bearer(signed_in))

    assert code(refused) == code(changed) == (503, "identity-provider-away")
    assert refused.headers["retry-after"] == "5"
    assert known.status_code == 403  # they are known, and may not


async def test_identity_starts_while_keycloak_is_away(url: str, clock: FakeClock) -> None:
    nowhere = "http://127.0.0.1:9/realms/bookstore"
    async with open_identity(read(url, nowhere), clock=clock) as identity:
        app = application(identity.operations, authenticator=identity.authenticator)
        await identity.ready()
        async with browser(app) as client:
            assert code(await sign_in(client)) == (503, "identity-provider-away")
        with pytest.raises(UnavailableError):
            await identity.staff.ensure()
        assert identity.issuer is None
