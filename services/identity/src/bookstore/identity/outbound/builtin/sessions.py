"""Families of refresh tokens in a SQL database."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from bookstore.identity.domain.account import UserId
from bookstore.identity.domain.session import LIFETIME, RefreshToken
from bookstore.identity.domain.session import Session as Family
from bookstore.identity.outbound.tables import SESSION
from bookstore.kit.database import Session, prepare

_ADD = prepare(insert(SESSION).values({c.name: bindparam(c.name) for c in SESSION.c}))
_ONE = prepare(select(SESSION).where(SESSION.c.id == bindparam("id")).with_for_update())
_ADVANCE = prepare(
    update(SESSION)
    .where(SESSION.c.id == bindparam("of_id"), SESSION.c.number == bindparam("of_number"))
    .values(
        {
            "number": SESSION.c.number + 1,
            "expires_at": bindparam("expires_at"),
            "updated_at": bindparam("now"),
            "version": SESSION.c.version + 1,
        }
    )
)
_END = prepare(delete(SESSION).where(SESSION.c.id == bindparam("id")))
_END_ALL = prepare(delete(SESSION).where(SESSION.c.user_id == bindparam("user_id")))
_FORGET = prepare(delete(SESSION).where(SESSION.c.expires_at <= bindparam("now")))


class SqlSessions:
    """The table of sessions, as one transaction sees it; one that has ended is gone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, family: Family) -> None:
        """Keep a session that begins, and forget those that have run out."""
        self._session.run(_FORGET, now=family.renewed_at)
        self._session.run(
            _ADD,
            id=family.id,
            user_id=family.user_id,
            secret=family.secret,
            number=family.number,
            expires_at=family.expires_at,
            created_at=family.renewed_at,
            updated_at=family.renewed_at,
            version=1,
        )

    def find(self, family_id: UUID) -> Family | None:
        """Return the session, if it goes on; until the end of the unit it stays as it is."""
        row = self._session.run(_ONE, id=family_id).one_or_none()
        return row and _family(row)

    def advance(self, token: RefreshToken, now: datetime) -> bool:
        """Make the token's successor, if it has none: of many at once, one does."""
        advanced = self._session.run(
            _ADVANCE,
            of_id=token.family,
            of_number=token.number,
            expires_at=now + LIFETIME,
            now=now,
        )
        return advanced.rowcount == 1

    def end(self, family_id: UUID) -> None:
        """End the session."""
        self._session.run(_END, id=family_id)

    def end_all(self, user_id: UserId) -> None:
        """End every session of a user."""
        self._session.run(_END_ALL, user_id=user_id)


def _family(row: Any) -> Family:  # noqa: ANN401 - a row has the columns of its statement
    return Family(
        id=row.id,
        user_id=UserId(row.user_id),
        secret=row.secret,
        number=row.number,
        renewed_at=row.updated_at,
        expires_at=row.expires_at,
    )
