"""What any `IdentityProvider` must do."""

from typing import TYPE_CHECKING

import pytest

from bookstore.identity.application.ports import IdentityProvider
from bookstore.identity.domain.account import (
    CUSTOMER,
    STAFF,
    AccountDisabledError,
    CredentialsRefusedError,
    LastAdministratorError,
    UserId,
    UserNotFoundError,
)
from bookstore.identity.domain.email import Email, EmailTakenError
from bookstore.identity.domain.password import PasswordWrongError
from bookstore.identity.domain.session import SessionEndedError
from bookstore.identity.outbound.keycloak.provider import KeycloakProvider
from bookstore.kit.caller import Role
from bookstore.kit.ids import uuid7
from services.identity.tests.builders import ADA, HOME, PASSWORD, person
from services.identity.tests.fakes import MemoryProvider

if TYPE_CHECKING:
    from services.identity.tests.conftest import Builtin


@pytest.fixture(params=["memory", "builtin", "keycloak"])
def provider(
    request: pytest.FixtureRequest, builtin: "Builtin", keycloak: KeycloakProvider
) -> IdentityProvider:
    providers: dict[str, IdentityProvider] = {
        "memory": MemoryProvider(),
        "builtin": builtin.provider,
        "keycloak": keycloak,
    }
    return providers[request.param]


async def test_somebody_enrolled_can_sign_in(provider: IdentityProvider) -> None:
    account = await provider.enrol(person(), PASSWORD, CUSTOMER)
    tokens = await provider.sign_in("ADA@example.com", PASSWORD, HOME)

    assert tokens.account == account
    assert (account.person, account.roles, account.enabled) == (person(), CUSTOMER, True)
    assert tokens.expires_in == 900


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ADA, "another password"),
        (ADA, ""),
        (ADA, PASSWORD + "x" * 128),
        (ADA, PASSWORD.upper()),
        ("grace@example.com", PASSWORD),
        ("", PASSWORD),
        ("x" * 5000, PASSWORD),
    ],
)
async def test_whatever_does_not_belong_together_is_refused(
    provider: IdentityProvider, email: str, password: str
) -> None:
    await provider.enrol(person(), PASSWORD, CUSTOMER)

    with pytest.raises(CredentialsRefusedError):
        await provider.sign_in(email, password, HOME)


async def test_an_address_belongs_to_one_account(provider: IdentityProvider) -> None:
    await provider.enrol(person(), PASSWORD, CUSTOMER)

    with pytest.raises(EmailTakenError):
        await provider.enrol(person("ADA@Example.com"), PASSWORD, CUSTOMER)


async def test_a_refresh_token_has_a_successor(provider: IdentityProvider) -> None:
    account = await provider.enrol(person(), PASSWORD, CUSTOMER)
    first = await provider.sign_in(ADA, PASSWORD, HOME)
    second = await provider.renew(first.refresh_token)
    third = await provider.renew(second.refresh_token)

    assert second.account == third.account == account
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3


async def test_a_token_whose_successor_was_used_ends_the_session(
    provider: IdentityProvider,
) -> None:
    await provider.enrol(person(), PASSWORD, CUSTOMER)
    first = await provider.sign_in(ADA, PASSWORD, HOME)
    second = await provider.renew(first.refresh_token)
    third = await provider.renew(second.refresh_token)

    for stolen in (first, third):
        with pytest.raises(SessionEndedError):
            await provider.renew(stolen.refresh_token)


@pytest.mark.parametrize("token", ["", "nonsense", "a.b", "a.b.c"])
async def test_what_is_no_refresh_token_is_refused(provider: IdentityProvider, token: str) -> None:
    with pytest.raises(SessionEndedError):
        await provider.renew(token)


async def test_signing_out_ends_this_session_and_no_other(provider: IdentityProvider) -> None:
    await provider.enrol(person(), PASSWORD, CUSTOMER)
    here, there = [await provider.sign_in(ADA, PASSWORD, HOME) for _ in range(2)]
    await provider.sign_out(here.refresh_token)
    await provider.sign_out(here.refresh_token)

    with pytest.raises(SessionEndedError):
        await provider.renew(here.refresh_token)
    await provider.renew(there.refresh_token)


async def test_a_new_password_counts_at_once_and_ends_every_session(
    provider: IdentityProvider,
) -> None:
    account = await provider.enrol(person(), PASSWORD, CUSTOMER)
    before = await provider.sign_in(ADA, PASSWORD, HOME)
    await provider.change_password(account.id, PASSWORD, "new password", HOME)

    with pytest.raises(SessionEndedError):
        await provider.renew(before.refresh_token)
    with pytest.raises(CredentialsRefusedError):
        await provider.sign_in(ADA, PASSWORD, HOME)
    await provider.sign_in(ADA, "new password", HOME)


async def test_only_the_current_password_can_be_changed(provider: IdentityProvider) -> None:
    account = await provider.enrol(person(), PASSWORD, CUSTOMER)

    with pytest.raises(PasswordWrongError):
        await provider.change_password(account.id, "another", "new password", HOME)
    await provider.sign_in(ADA, PASSWORD, HOME)


async def test_a_disabled_account_is_shut_until_it_is_enabled(
    provider: IdentityProvider,
) -> None:
    account = await provider.enrol(person(), PASSWORD, CUSTOMER)
    before = await provider.sign_in(ADA, PASSWORD, HOME)
    assert not (await provider.set_enabled(account.id, enabled=False)).enabled

    with pytest.raises(AccountDisabledError):
        await provider.sign_in(ADA, PASSWORD, HOME)
    with pytest.raises(CredentialsRefusedError):
        await provider.sign_in(ADA, "another password", HOME)

    await provider.set_enabled(account.id, enabled=True)
    await provider.sign_in(ADA, PASSWORD, HOME)
    with pytest.raises(SessionEndedError):
        await provider.renew(before.refresh_token)


async def test_roles_count_from_the_next_token_on(provider: IdentityProvider) -> None:
    account = await provider.enrol(person(), PASSWORD, CUSTOMER)
    tokens = await provider.sign_in(ADA, PASSWORD, HOME)
    await provider.replace_roles(account.id, {Role.VIEW})

    assert (await provider.renew(tokens.refresh_token)).account.roles == {Role.VIEW}
    assert (await provider.find(account.id)).roles == {Role.VIEW}


async def test_a_new_address_is_the_one_to_sign_in_with(provider: IdentityProvider) -> None:
    account = await provider.enrol(person(), PASSWORD, CUSTOMER)
    await provider.enrol(person("grace@example.com"), PASSWORD, CUSTOMER)
    await provider.replace_person(account.id, person("ada@lovelace.example"))

    await provider.sign_in("ada@lovelace.example", PASSWORD, HOME)
    with pytest.raises(CredentialsRefusedError):
        await provider.sign_in(ADA, PASSWORD, HOME)
    with pytest.raises(EmailTakenError):
        await provider.replace_person(account.id, person("Grace@Example.com"))


async def test_a_removed_account_is_gone_and_its_address_free(
    provider: IdentityProvider,
) -> None:
    account = await provider.enrol(person(), PASSWORD, CUSTOMER)
    before = await provider.sign_in(ADA, PASSWORD, HOME)
    await provider.remove(account.id)
    await provider.remove(account.id)

    with pytest.raises(SessionEndedError):
        await provider.renew(before.refresh_token)
    with pytest.raises(UserNotFoundError):
        await provider.find(account.id)
    assert await provider.find_by_email(Email(ADA)) is None
    await provider.enrol(person(), PASSWORD, CUSTOMER)


async def test_accounts_are_found_by_id_and_by_address(provider: IdentityProvider) -> None:
    account = await provider.enrol(person(), PASSWORD, CUSTOMER)

    assert await provider.find_by_email(Email("ADA@example.com")) == account
    assert await provider.find_all([account.id, UserId(uuid7())]) == {account.id: account}
    assert await provider.find_all([]) == {}


async def test_nobody_is_administered_who_is_not_there(provider: IdentityProvider) -> None:
    nobody = UserId(uuid7())

    for attempt in (
        provider.find(nobody),
        provider.replace_roles(nobody, STAFF),
        provider.set_enabled(nobody, enabled=True),
        provider.replace_person(nobody, person()),
        provider.reset_password(nobody, PASSWORD),
        provider.change_password(nobody, PASSWORD, PASSWORD, HOME),
    ):
        with pytest.raises(UserNotFoundError):
            await attempt


async def test_the_last_administrator_stays_one(provider: IdentityProvider) -> None:
    first = await provider.enrol(person(), PASSWORD, STAFF)
    assert await provider.administrators() == [first]

    with pytest.raises(LastAdministratorError):
        await provider.replace_roles(first.id, CUSTOMER)
    with pytest.raises(LastAdministratorError):
        await provider.set_enabled(first.id, enabled=False)
    with pytest.raises(LastAdministratorError):
        await provider.remove(first.id)

    second = await provider.enrol(person("grace@example.com"), PASSWORD, STAFF)
    await provider.remove(first.id)
    assert await provider.administrators() == [second]
