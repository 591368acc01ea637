"""Our own identity provider: credentials, roles and sessions in the service's database."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bookstore.identity.application.ports import IdentityProvider, Tokens
from bookstore.identity.domain.account import (
    Account,
    AccountDisabledError,
    CredentialsRefusedError,
    Person,
    UserId,
    UserNotFoundError,
)
from bookstore.identity.domain.email import Email, email_key
from bookstore.identity.domain.password import PasswordWrongError, recall
from bookstore.identity.domain.session import RefreshToken, Session, SessionEndedError
from bookstore.identity.domain.throttle import Attempt
from bookstore.identity.outbound.builtin.accounts import Kept
from bookstore.identity.outbound.builtin.passwords import Passwords
from bookstore.identity.outbound.builtin.signer import TokenSigner
from bookstore.identity.outbound.builtin.vault import Vault
from bookstore.kit.caller import Role
from bookstore.kit.clock import Clock
from bookstore.kit.ids import uuid7
from bookstore.kit.transaction import Transact


@dataclass(frozen=True, slots=True)
class _Proof:
    """Which attempt proved the password of which account."""

    attempt: Attempt
    kept: Kept


class BuiltinProvider(IdentityProvider):
    """Proves passwords, so many at once and no more, and renews sessions."""

    def __init__(
        self,
        vault: Transact[Vault],
        read: Transact[Vault],
        passwords: Passwords,
        signer: TokenSigner,
        clock: Clock,
    ) -> None:
        self._vault = vault
        self._read = read
        self._passwords = passwords
        self._signer = signer
        self._clock = clock
        self._proving = asyncio.Semaphore(passwords.at_once)

    # --- accounts

    async def enrol(self, person: Person, password: str, roles: Collection[Role]) -> Account:
        account = Account(id=UserId(uuid7()), person=person, roles=frozenset(roles))
        kept = Kept(account, await self._passwords.hash(password))
        now = self._clock.now()
        await self._vault(lambda vault: vault.accounts.add(kept, now))
        return account

    async def find(self, user_id: UserId) -> Account:
        return await self._read(lambda vault: vault.accounts.get(user_id).account)

    async def find_all(self, user_ids: Collection[UserId]) -> Mapping[UserId, Account]:
        accounts = await self._read(lambda vault: vault.accounts.find_all(user_ids))
        return {account.id: account for account in accounts}

    async def find_by_email(self, email: Email) -> Account | None:
        kept = await self._read(lambda vault: vault.accounts.find_by_email(email.key))
        return kept.account if kept else None

    async def administrators(self) -> Sequence[Account]:
        return await self._read(lambda vault: vault.accounts.administrators())

    async def replace_person(self, user_id: UserId, person: Person) -> None:
        now = self._clock.now()
        await self._vault(lambda vault: vault.accounts.replace_person(user_id, person, now))

    async def replace_roles(self, user_id: UserId, roles: Collection[Role]) -> Account:
        now = self._clock.now()

        def change(vault: Vault) -> Account:
            account = replace(vault.accounts.hold(user_id).account, roles=frozenset(roles))
            vault.accounts.replace_rights(account, now)
            return account

        return await self._vault(change)

    async def set_enabled(self, user_id: UserId, *, enabled: bool) -> Account:
        now = self._clock.now()

        def change(vault: Vault) -> Account:
            account = replace(vault.accounts.hold(user_id).account, enabled=enabled)
            vault.accounts.replace_rights(account, now)
            if not enabled:
                vault.sessions.end_all(user_id)
            return account

        return await self._vault(change)

    async def remove(self, user_id: UserId) -> None:
        def forget(vault: Vault) -> None:
            vault.accounts.remove(user_id)
            vault.sessions.end_all(user_id)

        await self._vault(forget)

    # --- passwords

    async def change_password(self, user_id: UserId, current: str, new: str, address: str) -> None:
        email = (await self.find(user_id)).person.email.text
        password_hash = await self._passwords.hash(new)
        try:
            async with self._proved(email, current, address) as proof:
                await self._vault(
                    lambda vault: self._replace_password(
                        vault, user_id, password_hash, proof.attempt
                    )
                )
        except CredentialsRefusedError:
            raise PasswordWrongError from None

    async def reset_password(self, user_id: UserId, new: str) -> None:
        password_hash = await self._passwords.hash(new)
        await self._vault(lambda vault: self._replace_password(vault, user_id, password_hash))

    def _replace_password(
        self, vault: Vault, user_id: UserId, password_hash: str, attempt: Attempt | None = None
    ) -> None:
        vault.accounts.replace_password(user_id, password_hash, self._clock.now())
        vault.sessions.end_all(user_id)
        if attempt:
            vault.attempts.reset(attempt)

    # --- sessions

    async def sign_in(self, email: str, password: str, address: str) -> Tokens:
        async with self._proved(email, password, address) as proof:
            begun = await self._vault(lambda vault: self._begin(vault, proof))
        if begun is None:
            raise AccountDisabledError
        account, session = begun
        return await self._tokens(account, session.token(0))

    def _begin(self, vault: Vault, proof: _Proof) -> tuple[Account, Session] | None:
        """Begin a session; None if the account is disabled."""
        try:
            kept = vault.accounts.hold(proof.kept.account.id)
        except UserNotFoundError:
            raise CredentialsRefusedError from None  # it went while we were hashing
        if kept.password_hash != proof.kept.password_hash:
            raise CredentialsRefusedError  # likewise, changed
        vault.attempts.reset(proof.attempt)
        if not kept.account.enabled:
            return None
        session = Session.begun(uuid7(), kept.account.id, self._clock.now())
        vault.sessions.add(session)
        return kept.account, session

    async def renew(self, refresh_token: str) -> Tokens:
        token = RefreshToken.read(refresh_token)
        renewed = await self._vault(lambda vault: self._renew(vault, token))
        if renewed is None:
            raise SessionEndedError
        return await self._tokens(*renewed)

    async def sign_out(self, refresh_token: str) -> None:
        token = RefreshToken.read(refresh_token)

        def end(vault: Vault) -> None:
            session = vault.sessions.find(token.family)
            if session and session.issued(token):
                vault.sessions.end(session.id)

        await self._vault(end)

    def _renew(self, vault: Vault, token: RefreshToken) -> tuple[Account, RefreshToken] | None:
        """Return the token's successor; None ends the session, unless the token is forged.

        A refusal is a value here: raised, it would undo what it does.
        """
        now = self._clock.now()
        session = vault.sessions.find(token.family)
        if session is None or not session.issued(token) or now >= session.expires_at:
            return None
        kept = vault.accounts.find(session.user_id)
        if kept and kept.account.enabled:
            if session.is_newest(token) and vault.sessions.advance(token, now):
                return kept.account, session.token(token.number + 1)
            if session.is_forgiven(token, now):
                return kept.account, session.token(session.number)
        vault.sessions.end(session.id)
        return None

    async def _tokens(self, account: Account, refresh_token: RefreshToken) -> Tokens:
        access = await self._signer.access_token(account)
        return Tokens(
            account=account,
            access_token=access.text,
            expires_in=access.expires_in,
            refresh_token=str(refresh_token),
        )

    @asynccontextmanager
    async def _proved(self, email: str, password: str, address: str) -> AsyncGenerator[_Proof]:
        """Count the attempt, then prove the password; what follows is to reset the count.

        Few are between counting and resetting at once, so that many people at one address may
        sign in at the same moment. Raises CredentialsRefusedError or TooManyAttemptsError.
        """
        attempt = Attempt.at(email, address)
        async with self._proving:
            now = self._clock.now()

            def begin(vault: Vault) -> Kept | None:
                vault.attempts.count(attempt, now)
                return vault.accounts.find_by_email(email_key(email))

            kept = await self._vault(begin)
            password_hash = kept.password_hash if kept else None
            matches = await self._passwords.match(recall(password), password_hash)
            if kept is None or not matches:
                raise CredentialsRefusedError
            yield _Proof(attempt, kept)
