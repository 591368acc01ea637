"""What our own provider promises beyond the port: races, guessing, keys."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from bookstore.identity.domain.account import (
    CUSTOMER,
    STAFF,
    CredentialsRefusedError,
    LastAdministratorError,
    TooManyAttemptsError,
)
from bookstore.identity.domain.email import EmailTakenError
from bookstore.identity.domain.password import PasswordWrongError
from bookstore.identity.domain.session import LIFETIME, RefreshToken, SessionEndedError
from bookstore.identity.outbound.builtin.passwords import Passwords
from bookstore.identity.outbound.builtin.provider import BuiltinProvider
from bookstore.identity.outbound.builtin.signer import TokenSigner
from bookstore.identity.outbound.builtin.vault import Vault
from bookstore.identity.outbound.tables import ATTEMPT, SESSION
from bookstore.kit.auth import TokenRefusedError, Verifier
from bookstore.kit.caller import Caller, Role
from bookstore.kit.clock import FakeClock
from bookstore.kit.database import Session, prepare
from services.identity.tests.builders import ADA, CAFE, HOME, PASSWORD, person
from services.identity.tests.conftest import EFFORT, NAMES

if TYPE_CHECKING:
    from services.identity.tests.conftest import Builtin


@pytest.fixture
async def ada(builtin: "Builtin") -> "Builtin":
    await builtin.provider.enrol(person(), PASSWORD, CUSTOMER)
    return builtin


async def fail(builtin: "Builtin", email: str, address: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(CredentialsRefusedError):
            await builtin.provider.sign_in(email, "wrong password", address)


COUNTED = [prepare(select(func.count()).select_from(table)) for table in (SESSION, ATTEMPT)]


# --- sessions


async def test_five_exchanges_at_once_have_one_successor(ada: "Builtin") -> None:
    tokens = await ada.provider.sign_in(ADA, PASSWORD, HOME)
    exchanged = await asyncio.gather(*(ada.provider.renew(tokens.refresh_token) for _ in range(5)))

    assert len({one.refresh_token for one in exchanged}) == 1
    await ada.provider.renew(exchanged[0].refresh_token)


async def test_two_administrators_who_depose_each_other_leave_one(builtin: "Builtin") -> None:
    provider = builtin.provider
    both = [
        await provider.enrol(person(f"{name}@example.com"), PASSWORD, STAFF)
        for name in ("ada", "grace")
    ]
    deposed = await asyncio.gather(
        *(provider.replace_roles(one.id, CUSTOMER) for one in both), return_exceptions=True
    )

    assert [type(one) for one in deposed].count(LastAdministratorError) == 1
    assert len(await provider.administrators()) == 1


async def test_an_account_that_is_changed_twice_at_once_is_changed_twice(
    builtin: "Builtin",
) -> None:
    account = await builtin.provider.enrol(person(), PASSWORD, CUSTOMER)
    await asyncio.gather(
        builtin.provider.set_enabled(account.id, enabled=False),
        builtin.provider.replace_roles(account.id, {Role.VIEW}),
    )

    changed = await builtin.provider.find(account.id)
    assert (changed.enabled, changed.roles) == (False, frozenset({Role.VIEW}))


async def test_after_ten_seconds_the_first_token_ends_the_family(
    ada: "Builtin", clock: FakeClock
) -> None:
    first = await ada.provider.sign_in(ADA, PASSWORD, HOME)
    second = await ada.provider.renew(first.refresh_token)
    clock.advance(timedelta(seconds=9))
    again = await ada.provider.renew(first.refresh_token)
    assert again.refresh_token == second.refresh_token

    clock.advance(timedelta(seconds=21))
    for token in (first, second):
        with pytest.raises(SessionEndedError):
            await ada.provider.renew(token.refresh_token)


async def test_a_forged_token_does_not_end_the_family(ada: "Builtin") -> None:
    tokens = await ada.provider.sign_in(ADA, PASSWORD, HOME)
    family, number, proof = tokens.refresh_token.split(".")
    forgeries = [f"{family}.{number}.{proof[::-1]}", f"{family}.7.{proof}", f"{family}.0."]

    for forged in forgeries:
        with pytest.raises(SessionEndedError):
            await ada.provider.renew(forged)
        await ada.provider.sign_out(forged)
    await ada.provider.renew(tokens.refresh_token)


async def test_a_session_runs_out_if_nobody_uses_it(ada: "Builtin", clock: FakeClock) -> None:
    tokens = await ada.provider.sign_in(ADA, PASSWORD, HOME)
    clock.advance(LIFETIME - timedelta(seconds=1))
    tokens = await ada.provider.renew(tokens.refresh_token)
    clock.advance(LIFETIME)

    with pytest.raises(SessionEndedError):
        await ada.provider.renew(tokens.refresh_token)


async def test_no_refresh_token_is_stored(ada: "Builtin") -> None:
    tokens = await ada.provider.sign_in(ADA, PASSWORD, HOME)
    _, _, proof = tokens.refresh_token.split(".")
    session_id = RefreshToken.read(tokens.refresh_token).family
    family = await ada.database.transact(Vault)(lambda vault: vault.sessions.find(session_id))

    assert family is not None
    assert proof not in repr(family)


async def test_a_token_is_advanced_once(ada: "Builtin", clock: FakeClock) -> None:
    tokens = await ada.provider.sign_in(ADA, PASSWORD, HOME)
    token = RefreshToken.read(tokens.refresh_token)
    advance = ada.database.transact(Vault)

    assert await advance(lambda vault: vault.sessions.advance(token, clock.now()))
    assert not await advance(lambda vault: vault.sessions.advance(token, clock.now()))


async def test_sessions_and_attempts_that_ran_out_are_forgotten(
    ada: "Builtin", clock: FakeClock
) -> None:
    await ada.provider.sign_in(ADA, PASSWORD, CAFE)
    await fail(ada, ADA, HOME, 3)
    clock.advance(LIFETIME)
    await ada.provider.sign_in(ADA, PASSWORD, CAFE)
    await fail(ada, ADA, HOME, 1)

    def count(session: Session) -> list[int]:
        return [session.run(counted).scalar() for counted in COUNTED]

    assert await ada.database.read(lambda session: session)(count) == [1, 1]


class SlowPasswords(Passwords):
    """Lets something happen while a password is being hashed."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def match(self, password: str | None, password_hash: str | None) -> bool:
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            await happens()
        return await super().match(password, password_hash)


async def test_a_password_that_changes_while_it_is_proved_proves_nothing(
    ada: "Builtin", clock: FakeClock
) -> None:
    user_id = (await ada.provider.sign_in(ADA, PASSWORD, HOME)).account.id
    vault, read = ada.database.transact(Vault), ada.database.read(Vault)
    with SlowPasswords(EFFORT) as passwords:
        provider = BuiltinProvider(vault, read, passwords, ada.signer, clock)
        passwords.meanwhile = lambda: ada.provider.reset_password(user_id, "new password")
        with pytest.raises(CredentialsRefusedError):
            await provider.sign_in(ADA, PASSWORD, HOME)


# --- enrolment


async def test_two_at_once_for_one_address_are_one_account(builtin: "Builtin") -> None:
    results = await asyncio.gather(
        *(builtin.provider.enrol(person(), PASSWORD, CUSTOMER) for _ in range(2)),
        return_exceptions=True,
    )

    assert sum(isinstance(result, EmailTakenError) for result in results) == 1


# --- guessing


async def test_ten_failures_shut_the_account_from_this_address_only(
    ada: "Builtin", clock: FakeClock
) -> None:
    await fail(ada, ADA, HOME, 10)
    clock.advance(timedelta(minutes=5))

    with pytest.raises(TooManyAttemptsError) as refused:
        await ada.provider.sign_in(ADA, PASSWORD, HOME)
    assert refused.value.retry_after == 600
    await ada.provider.sign_in(ADA, PASSWORD, CAFE)
    await fail(ada, "grace@example.com", HOME, 1)


async def test_the_account_opens_again_after_a_quarter_of_an_hour(
    ada: "Builtin", clock: FakeClock
) -> None:
    await fail(ada, ADA, HOME, 10)
    clock.advance(timedelta(minutes=15))

    await ada.provider.sign_in(ADA, PASSWORD, HOME)


async def test_other_capitals_are_no_other_account(ada: "Builtin") -> None:
    await fail(ada, ADA, HOME, 5)
    await fail(ada, ADA.upper(), HOME, 5)

    with pytest.raises(TooManyAttemptsError):
        await ada.provider.sign_in(ADA, PASSWORD, HOME)


async def test_a_success_forgets_the_failures_of_its_pair(ada: "Builtin") -> None:
    for _ in range(3):
        await fail(ada, ADA, HOME, 9)
        await ada.provider.sign_in(ADA, PASSWORD, HOME)


async def test_a_success_does_not_forget_the_failures_elsewhere(ada: "Builtin") -> None:
    await fail(ada, ADA, CAFE, 10)
    await ada.provider.sign_in(ADA, PASSWORD, HOME)

    with pytest.raises(TooManyAttemptsError):
        await ada.provider.sign_in(ADA, PASSWORD, CAFE)


async def test_a_hundred_failures_shut_the_account_everywhere(ada: "Builtin") -> None:
    for n in range(10):
        await fail(ada, ADA, f"192.0.2.{n}", 10)

    with pytest.raises(TooManyAttemptsError):
        await ada.provider.sign_in(ADA, PASSWORD, CAFE)


async def test_a_hundred_failures_shut_the_address_for_every_account(ada: "Builtin") -> None:
    for n in range(100):
        await fail(ada, f"somebody-{n}@example.com", HOME, 1)

    with pytest.raises(TooManyAttemptsError):
        await ada.provider.sign_in(ADA, PASSWORD, HOME)
    await ada.provider.sign_in(ADA, PASSWORD, CAFE)


async def test_guesses_at_once_are_counted_too(ada: "Builtin") -> None:
    results = await asyncio.gather(
        *(ada.provider.sign_in(ADA, f"guess number {n}", HOME) for n in range(30)),
        return_exceptions=True,
    )

    refused = [result for result in results if isinstance(result, CredentialsRefusedError)]
    assert len(refused) == 10
    assert all(isinstance(r, CredentialsRefusedError | TooManyAttemptsError) for r in results)


async def test_many_people_at_one_address_may_sign_in_at_once(ada: "Builtin") -> None:
    tokens = await asyncio.gather(*(ada.provider.sign_in(ADA, PASSWORD, HOME) for _ in range(150)))

    assert len({one.refresh_token for one in tokens}) == 150


async def test_guessing_the_current_password_is_counted_too(ada: "Builtin") -> None:
    user_id = (await ada.provider.sign_in(ADA, PASSWORD, HOME)).account.id
    for _ in range(10):
        with pytest.raises(PasswordWrongError):
            await ada.provider.change_password(user_id, "guess", "new password", HOME)

    with pytest.raises(TooManyAttemptsError):
        await ada.provider.change_password(user_id, PASSWORD, "new password", HOME)


# --- hashing


async def test_passwords_are_hashed_with_argon2id_as_owasp_advises() -> None:
    with Passwords() as passwords:
        hashed = await passwords.hash(PASSWORD)

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_an_unknown_account_takes_the_time_of_a_known_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    verify = PasswordHasher.verify

    def counting(hasher: PasswordHasher, hashed: str, password: str) -> bool:
        asked.append(password)
        return verify(hasher, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    with Passwords(EFFORT) as passwords:
        assert not await passwords.match(PASSWORD, None)
        assert not await passwords.match(None, await passwords.hash(PASSWORD))
        assert not await passwords.match(PASSWORD, "no hash at all")

    assert len(asked) == 3


async def test_nobodys_password_opens_nothing() -> None:
    with Passwords(EFFORT) as passwords:
        assert not await passwords.match("nobody's", None)
        assert not await passwords.match(None, await passwords.hash("nobody"))


# --- tokens


async def test_an_access_token_says_who_it_is(ada: "Builtin", clock: FakeClock) -> None:
    tokens = await ada.provider.sign_in(ADA, PASSWORD, HOME)
    caller = await ada.verifier.authenticate(tokens.access_token)

    assert caller == Caller(id=tokens.account.id, email=ADA, roles=CUSTOMER)
    clock.advance(timedelta(minutes=15, seconds=5))
    with pytest.raises(TokenRefusedError):
        await ada.verifier.authenticate(tokens.access_token)


async def test_a_service_token_is_the_services_own(builtin: "Builtin") -> None:
    token = await builtin.signer.service_token("order")

    assert await builtin.verifier.authenticate(token.text) == Caller(
        roles=frozenset({Role.SYSTEM})
    )


async def test_an_id_token_is_no_access_token(ada: "Builtin") -> None:
    account = (await ada.provider.sign_in(ADA, PASSWORD, HOME)).account
    token = await ada.signer.id_token(account, "bookstore")

    with pytest.raises(TokenRefusedError):
        await ada.verifier.authenticate(token)


async def test_a_rotated_key_verifies_until_its_last_token_has_run_out(
    ada: "Builtin", clock: FakeClock
) -> None:
    old = (await ada.provider.sign_in(ADA, PASSWORD, HOME)).access_token
    (old_key,) = await ada.signer.key_set()
    new_kid = await ada.signer.rotate()
    new = (await ada.provider.sign_in(ADA, PASSWORD, HOME)).access_token

    for token in (old, new):
        await _fresh(ada, clock).authenticate(token)
    assert {key["kid"] for key in await ada.signer.key_set()} == {old_key["kid"], new_kid}

    clock.advance(timedelta(minutes=16, seconds=5))
    assert await ada.signer.find(old_key["kid"]) is None
    assert [key["kid"] for key in await ada.signer.key_set()] == [new_kid]


async def test_keys_and_sessions_survive_a_restart(ada: "Builtin", clock: FakeClock) -> None:
    tokens = await ada.provider.sign_in(ADA, PASSWORD, HOME)
    restarted = TokenSigner(ada.database.transact(Vault), NAMES, clock)

    assert await restarted.key_set() == await ada.signer.key_set()
    await _fresh(ada, clock, restarted).authenticate(tokens.access_token)


async def test_a_key_rotated_by_another_process_is_noticed(
    ada: "Builtin", clock: FakeClock
) -> None:
    other = TokenSigner(ada.database.transact(Vault), NAMES, clock)
    await ada.signer.key_set()
    clock.advance(timedelta(seconds=1))
    new_kid = await other.rotate()

    assert await ada.signer.find(new_kid) is not None
    clock.advance(timedelta(minutes=1))
    tokens = await ada.provider.sign_in(ADA, PASSWORD, HOME)
    await _fresh(ada, clock, other).authenticate(tokens.access_token)


async def test_a_key_that_ran_out_is_forgotten_when_keys_are_rotated(
    builtin: "Builtin", clock: FakeClock
) -> None:
    first = await builtin.signer.rotate()
    await builtin.signer.rotate()
    clock.advance(timedelta(hours=1))
    await builtin.signer.rotate()

    kept = await builtin.database.transact(Vault)(lambda vault: vault.keys.all())
    assert first not in [key.kid for key in kept]


def _fresh(builtin: "Builtin", clock: FakeClock, keys: TokenSigner | None = None) -> Verifier:
    """Return a verifier that has not seen any token yet."""
    return Verifier(
        keys or builtin.signer, issuer=NAMES.issuer, audience=NAMES.audience, clock=clock
    )
