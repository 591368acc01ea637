"""Accounts and their password hashes in a SQL database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, insert, select, type_coerce, update
from sqlalchemy import delete as delete_from

from bookstore.identity.domain.account import (
    Account,
    LastAdministratorError,
    Person,
    UserId,
    UserNotFoundError,
)
from bookstore.identity.domain.email import Email, EmailTakenError
from bookstore.identity.outbound.tables import ACCOUNT
from bookstore.kit.caller import Role
from bookstore.kit.database import Session, UniqueViolation, among, prepare

_BY_ID = ACCOUNT.c.id == bindparam("of_id")
_TOUCHED = {"updated_at": bindparam("now"), "version": ACCOUNT.c.version + 1}

_ADD = prepare(insert(ACCOUNT).values({c.name: bindparam(c.name) for c in ACCOUNT.c}))
_ONE = prepare(select(ACCOUNT).where(_BY_ID))
_HELD = prepare(select(ACCOUNT).where(_BY_ID).with_for_update())
_BY_EMAIL = prepare(select(ACCOUNT).where(ACCOUNT.c.email_key == bindparam("email_key")))
_SOME = prepare(select(ACCOUNT).where(among(ACCOUNT.c.id, "ids")))
_OLDEST_FIRST = (
    select(ACCOUNT)
    .where(ACCOUNT.c.enabled, type_coerce(ACCOUNT.c.roles, Text).like(f'%"{Role.SYSTEM}"%'))
    .order_by(ACCOUNT.c.created_at, ACCOUNT.c.id)
)
_ADMINISTRATORS = prepare(_OLDEST_FIRST)
_HELD_ADMINISTRATORS = prepare(_OLDEST_FIRST.with_for_update())
_PERSON = prepare(
    update(ACCOUNT)
    .where(_BY_ID)
    .values(
        {name: bindparam(name) for name in ("email", "email_key", "first_name", "last_name")}
        | _TOUCHED
    )
)
_RIGHTS = prepare(
    update(ACCOUNT)
    .where(_BY_ID)
    .values({"roles": bindparam("roles"), "enabled": bindparam("enabled")} | _TOUCHED)
)
_PASSWORD = prepare(
    update(ACCOUNT).where(_BY_ID).values({"password_hash": bindparam("password_hash")} | _TOUCHED)
)
_REMOVE = prepare(delete_from(ACCOUNT).where(_BY_ID))


@dataclass(frozen=True, slots=True)
class Kept:
    """An account, and the hash that its password is proved by."""

    account: Account
    password_hash: str


class SqlAccounts:
    """The table of accounts, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, kept: Kept, now: datetime) -> None:
        """Keep a new account; raises EmailTakenError."""
        account = kept.account
        try:
            self._session.run(
                _ADD,
                id=account.id,
                password_hash=kept.password_hash,
                created_at=now,
                updated_at=now,
                version=1,
                **_person(account.person),
                **_rights(account),
            )
        except UniqueViolation:
            raise EmailTakenError from None

    def find(self, user_id: UserId) -> Kept | None:
        """Return the account."""
        row = self._session.run(_ONE, of_id=user_id).one_or_none()
        return row and _kept(row)

    def get(self, user_id: UserId) -> Kept:
        """Return the account; raises UserNotFoundError."""
        kept = self.find(user_id)
        if kept is None:
            raise UserNotFoundError(user_id)
        return kept

    def hold(self, user_id: UserId) -> Kept:
        """Return the account, which others change after this unit; raises UserNotFoundError."""
        row = self._session.run(_HELD, of_id=user_id).one_or_none()
        if row is None:
            raise UserNotFoundError(user_id)
        return _kept(row)

    def find_by_email(self, key: str) -> Kept | None:
        """Return the account with this address, in the form addresses are compared by."""
        row = self._session.run(_BY_EMAIL, email_key=key).one_or_none()
        return row and _kept(row)

    def find_all(self, user_ids: Collection[UserId]) -> Sequence[Account]:
        """Return those of the accounts that exist."""
        rows = self._session.run(_SOME, ids=[str(user_id) for user_id in user_ids])
        return [_kept(row).account for row in rows]

    def administrators(self) -> Sequence[Account]:
        """Return those who can administer users, the oldest first."""
        return [_kept(row).account for row in self._session.run(_ADMINISTRATORS)]

    def replace_person(self, user_id: UserId, person: Person, now: datetime) -> None:
        """Say who the user is; raises UserNotFoundError or EmailTakenError."""
        try:
            changed = self._session.run(_PERSON, of_id=user_id, now=now, **_person(person))
        except UniqueViolation:
            raise EmailTakenError from None
        if changed.rowcount == 0:
            raise UserNotFoundError(user_id)

    def replace_rights(self, account: Account, now: datetime) -> None:
        """Say what the user may do, and whether at all; raises LastAdministratorError."""
        self._see_that_one_is_left(account.id, still=account.administers)
        self._session.run(_RIGHTS, of_id=account.id, now=now, **_rights(account))

    def replace_password(self, user_id: UserId, password_hash: str, now: datetime) -> None:
        """Replace the hash; raises UserNotFoundError."""
        changed = self._session.run(_PASSWORD, of_id=user_id, password_hash=password_hash, now=now)
        if changed.rowcount == 0:
            raise UserNotFoundError(user_id)

    def remove(self, user_id: UserId) -> None:
        """Forget the account, if there is one; raises LastAdministratorError."""
        self._see_that_one_is_left(user_id, still=False)
        self._session.run(_REMOVE, of_id=user_id)

    def _see_that_one_is_left(self, user_id: UserId, *, still: bool) -> None:
        if not still:
            left = [_kept(row).account.id for row in self._session.run(_HELD_ADMINISTRATORS)]
            if left == [user_id]:
                raise LastAdministratorError


def _person(person: Person) -> dict[str, Any]:
    return {
        "email": person.email.text,
        "email_key": person.email.key,
        "first_name": person.first_name,
        "last_name": person.last_name,
    }


def _rights(account: Account) -> dict[str, Any]:
    return {
        "roles": [role.value for role in Role if role in account.roles],
        "enabled": account.enabled,
    }


def _kept(row: Any) -> Kept:  # noqa: ANN401 - a row has the columns of its statement
    account = Account(
        id=UserId(row.id),
        person=Person(email=Email(row.email), first_name=row.first_name, last_name=row.last_name),
        roles=frozenset(map(Role, row.roles)),
        enabled=row.enabled,
    )
    return Kept(account, row.password_hash)
