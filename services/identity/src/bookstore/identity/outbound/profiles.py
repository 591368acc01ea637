"""Profiles in a SQL database."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update

from bookstore.identity.application.ports import Page, Profiles, Search, UserSort
from bookstore.identity.domain.account import Person, UserId
from bookstore.identity.domain.email import Email, email_key
from bookstore.identity.domain.profile import Profile
from bookstore.identity.outbound.tables import PROFILE
from bookstore.kit.database import Prepared, Session, among, prepare
from bookstore.kit.errors import VersionMismatchError
from bookstore.kit.text import fold

_FILTERS: dict[str, ColumnElement[bool]] = {
    "email": PROFILE.c.email_key == bindparam("email"),
    "name": PROFILE.c.name_key.like(bindparam("name"), escape="\\"),
    "phone": PROFILE.c.phone == bindparam("phone"),
    "ids": among(PROFILE.c.id, "ids"),
}
_SORT = {
    UserSort.CREATED_AT: PROFILE.c.created_at,
    UserSort.EMAIL: PROFILE.c.email_key,
    UserSort.LAST_NAME: PROFILE.c.last_name,
}
_ADD = prepare(insert(PROFILE).values({c.name: bindparam(c.name) for c in PROFILE.c}))
_ONE = prepare(select(PROFILE).where(PROFILE.c.id == bindparam("id")))
_REPLACE = prepare(
    update(PROFILE)
    .where(PROFILE.c.id == bindparam("of_id"), PROFILE.c.version == bindparam("of_version"))
    .values({c.name: bindparam(c.name) for c in PROFILE.c if c.name not in {"id", "created_at"}})
)


class SqlProfiles(Profiles):
    """The table of profiles, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, profile: Profile) -> Profile:
        kept = self.find(profile.id)
        if kept is None:
            self._session.run(_ADD, id=profile.id, created_at=profile.created_at, **_row(profile))
        return kept or profile

    def find(self, user_id: UserId) -> Profile | None:
        row = self._session.run(_ONE, id=user_id).one_or_none()
        return row and _profile(row)

    def replace(self, profile: Profile) -> None:
        replaced = self._session.run(
            _REPLACE, of_id=profile.id, of_version=profile.version - 1, **_row(profile)
        )
        if replaced.rowcount == 0:
            raise VersionMismatchError("the profile has changed meanwhile: read it again")

    def search(self, search: Search) -> Page:
        values = _values(search)
        wanted = frozenset(values)
        total = self._session.run(_counted(wanted), **values).scalar()
        rows = self._session.run(
            _listed(wanted, search.sort, search.descending),
            limit=search.limit,
            offset=search.offset,
            **values,
        )
        return Page(total, [_profile(row) for row in rows])


@cache
def _counted(wanted: frozenset[str]) -> Prepared:
    return prepare(select(func.count()).select_from(PROFILE).where(*_conditions(wanted)))


@cache
def _listed(wanted: frozenset[str], sort: UserSort, descending: bool) -> Prepared:  # noqa: FBT001 - a cache's key
    columns = (_SORT[sort], PROFILE.c.id)
    return prepare(
        select(PROFILE)
        .where(*_conditions(wanted))
        .order_by(*(column.desc() if descending else column.asc() for column in columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


def _conditions(wanted: frozenset[str]) -> list[ColumnElement[bool]]:
    return [PROFILE.c.deleted.is_(False), *(_FILTERS[name] for name in sorted(wanted))]


def _values(search: Search) -> dict[str, Any]:
    values = {
        "email": search.email and email_key(search.email),
        "name": search.name and f"%{_literal(fold(search.name))}%",
        "phone": search.phone,
        "ids": None if search.ids is None else [str(user_id) for user_id in search.ids],
    }
    return {name: value for name, value in values.items() if value is not None}


def _literal(text: str) -> str:
    """Take the meaning from those characters that LIKE gives one."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _row(profile: Profile) -> dict[str, Any]:
    person = profile.person
    return {
        "email": person.email.text,
        "email_key": person.email.key,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name_key": fold(f"{person.first_name} {person.last_name}"),
        "phone": profile.phone,
        "deleted": profile.deleted,
        "updated_at": profile.updated_at,
        "version": profile.version,
    }


def _profile(row: Any) -> Profile:  # noqa: ANN401 - a row has the columns of its statement
    return Profile(
        id=UserId(row.id),
        person=Person(email=Email(row.email), first_name=row.first_name, last_name=row.last_name),
        phone=row.phone,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        deleted=row.deleted,
    )
