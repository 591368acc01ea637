"""An identity provider and profiles that live in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bookstore.identity.application.ports import (
    AccessToken,
    IdentityProvider,
    Issuer,
    Page,
    Profiles,
    Search,
    Tokens,
    UserSort,
)
from bookstore.identity.domain.account import (
    Account,
    AccountDisabledError,
    CredentialsRefusedError,
    LastAdministratorError,
    Person,
    UserId,
    UserNotFoundError,
)
from bookstore.identity.domain.email import Email, EmailTakenError, email_key
from bookstore.identity.domain.password import PasswordWrongError, recall
from bookstore.identity.domain.profile import Profile
from bookstore.identity.domain.session import SessionEndedError
from bookstore.kit.auth import Key, Keys
from bookstore.kit.caller import Role
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.ids import uuid7
from bookstore.kit.text import fold


@dataclass
class MemoryProvider(IdentityProvider):
    """Keeps passwords as they are; a refresh token is `<session>.<number>`."""

    accounts: dict[UserId, Account] = field(default_factory=dict)
    passwords: dict[UserId, str] = field(default_factory=dict)
    sessions: dict[str, tuple[UserId, int]] = field(default_factory=dict)

    async def enrol(self, person: Person, password: str, roles: Collection[Role]) -> Account:
        self._see_that_it_is_free(person.email)
        account = Account(id=UserId(uuid7()), person=person, roles=frozenset(roles))
        self.accounts[account.id] = account
        self.passwords[account.id] = password
        return account

    async def sign_in(self, email: str, password: str, address: str) -> Tokens:
        del address  # this provider does not count attempts
        account = self._by_key(email_key(email))
        if account is None or self.passwords[account.id] != recall(password):
            raise CredentialsRefusedError
        if not account.enabled:
            raise AccountDisabledError
        session = uuid7().hex
        self.sessions[session] = account.id, 0
        return _tokens(account, session, 0)

    async def renew(self, refresh_token: str) -> Tokens:
        session, _, number = refresh_token.partition(".")
        if session not in self.sessions:
            raise SessionEndedError
        user_id, newest = self.sessions[session]
        if number != str(newest):
            del self.sessions[session]
            raise SessionEndedError
        self.sessions[session] = user_id, newest + 1
        return _tokens(self.accounts[user_id], session, newest + 1)

    async def sign_out(self, refresh_token: str) -> None:
        session, dot, _ = refresh_token.partition(".")
        if not dot:
            raise SessionEndedError
        self.sessions.pop(session, None)

    async def change_password(self, user_id: UserId, current: str, new: str, address: str) -> None:
        del address  # this provider does not count attempts
        await self.find(user_id)
        if self.passwords[user_id] != recall(current):
            raise PasswordWrongError
        await self.reset_password(user_id, new)

    async def reset_password(self, user_id: UserId, new: str) -> None:
        await self.find(user_id)
        self.passwords[user_id] = new
        self._end_all(user_id)

    async def find(self, user_id: UserId) -> Account:
        if user_id not in self.accounts:
            raise UserNotFoundError(user_id)
        return self.accounts[user_id]

    async def find_all(self, user_ids: Collection[UserId]) -> Mapping[UserId, Account]:
        return {id_: self.accounts[id_] for id_ in user_ids if id_ in self.accounts}

    async def find_by_email(self, email: Email) -> Account | None:
        return self._by_key(email.key)

    async def administrators(self) -> Sequence[Account]:
        return [account for account in self.accounts.values() if account.administers]

    async def replace_person(self, user_id: UserId, person: Person) -> None:
        account = await self.find(user_id)
        self._see_that_it_is_free(person.email, user_id)
        self.accounts[user_id] = replace(account, person=person)

    async def replace_roles(self, user_id: UserId, roles: Collection[Role]) -> Account:
        return self._replace(replace(await self.find(user_id), roles=frozenset(roles)))

    async def set_enabled(self, user_id: UserId, *, enabled: bool) -> Account:
        account = self._replace(replace(await self.find(user_id), enabled=enabled))
        if not enabled:
            self._end_all(user_id)
        return account

    async def remove(self, user_id: UserId) -> None:
        self._see_that_one_is_left(user_id)
        self.accounts.pop(user_id, None)
        self._end_all(user_id)

    def _replace(self, account: Account) -> Account:
        if not account.administers:
            self._see_that_one_is_left(account.id)
        self.accounts[account.id] = account
        return account

    def _by_key(self, key: str) -> Account | None:
        found = (one for one in self.accounts.values() if one.person.email.key == key)
        return next(found, None)

    def _see_that_it_is_free(self, email: Email, user_id: UserId | None = None) -> None:
        holder = self._by_key(email.key)
        if holder and holder.id != user_id:
            raise EmailTakenError

    def _see_that_one_is_left(self, user_id: UserId) -> None:
        if [one.id for one in self.accounts.values() if one.administers] == [user_id]:
            raise LastAdministratorError

    def _end_all(self, user_id: UserId) -> None:
        self.sessions = {
            name: session for name, session in self.sessions.items() if session[0] != user_id
        }


def _tokens(account: Account, session: str, number: int) -> Tokens:
    return Tokens(
        account=account,
        access_token=f"token-of-{account.id}",
        expires_in=900,
        refresh_token=f"{session}.{number}",
    )


class NoIssuer(Issuer, Keys):
    """Signs nothing: for tests whose tokens nobody reads."""

    async def service_token(self, client: str) -> AccessToken:
        return AccessToken(text=f"token-of-{client}", expires_in=900)

    async def id_token(self, account: Account, client: str) -> str:
        return f"{account.id} for {client}"

    async def key_set(self) -> Sequence[Mapping[str, str]]:
        return []

    async def rotate(self) -> str:
        return "no key"

    async def find(self, kid: str) -> Key | None:
        del kid
        return None


class MemoryProfiles(Profiles):
    """A dictionary of profiles."""

    def __init__(self) -> None:
        self.kept: dict[UserId, Profile] = {}

    def keep(self, profile: Profile) -> Profile:
        return self.kept.setdefault(profile.id, profile)

    def find(self, user_id: UserId) -> Profile | None:
        return self.kept.get(user_id)

    def replace(self, profile: Profile) -> None:
        if self.kept[profile.id].version != profile.version - 1:
            raise VersionMismatchError("it has changed")
        self.kept[profile.id] = profile

    def search(self, search: Search) -> Page:
        found = [one for one in self.kept.values() if not one.deleted and _matches(one, search)]
        found.sort(key=_SORT[search.sort], reverse=search.descending)
        return Page(len(found), found[search.offset : search.offset + search.limit])


_SORT = {
    UserSort.CREATED_AT: lambda one: (one.created_at, str(one.id)),
    UserSort.EMAIL: lambda one: (one.person.email.key, str(one.id)),
    UserSort.LAST_NAME: lambda one: (one.person.last_name, str(one.id)),
}


def _matches(profile: Profile, search: Search) -> bool:
    who = profile.person
    return (
        (search.email is None or who.email.key == email_key(search.email))
        and (search.name is None or fold(search.name) in fold(f"{who.first_name} {who.last_name}"))
        and (search.phone is None or profile.phone == search.phone)
        and (search.ids is None or profile.id in search.ids)
    )
