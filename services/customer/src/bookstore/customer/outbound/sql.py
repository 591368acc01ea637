"""Wish lists and points in a SQL database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, delete, func, insert, select, update

from bookstore.customer.application.ports import Page, Points, Slice, Wishlists
from bookstore.customer.domain.customer import CustomerId
from bookstore.customer.domain.point import Account, Change, Entry, EntryId
from bookstore.customer.domain.wishlist import BookId
from bookstore.customer.outbound.tables import POINT, POINT_ENTRY, WISHLIST
from bookstore.kit.database import Prepared, Session, UniqueViolation, among, prepare
from bookstore.kit.errors import ContendedError


class ChangedMeanwhileError(ContendedError):
    """Somebody else changed the same thing at the same moment: ask again."""

    code = "changed-meanwhile"


class SqlWishlists(Wishlists):
    """The table `wishlist`, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, customer_id: CustomerId) -> list[BookId]:
        return [BookId(row.book_id) for row in self._session.run(_WISHES, customer=customer_id)]

    def add(self, customer_id: CustomerId, book_ids: Sequence[BookId], at: datetime) -> None:
        rows = [
            {"customer_id": customer_id, "book_id": book_id, "at": at, "version": 1}
            for book_id in book_ids
        ]
        try:
            self._session.run_many(_WISH, rows)
        except UniqueViolation as error:
            raise ChangedMeanwhileError("the list changed meanwhile", retry_after=1) from error

    def remove(self, customer_id: CustomerId, book_ids: Collection[BookId]) -> None:
        self._session.run(_FORGO, customer=customer_id, book_ids=list(book_ids))

    def clear(self, customer_id: CustomerId) -> None:
        self._session.run(_FORGO_ALL, customer=customer_id)


class SqlPoints(Points):
    """The tables `point` and `point_entry`, as one transaction sees them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, customer_id: CustomerId) -> Account:
        return self._account(_ACCOUNT, customer_id)

    def locked(self, customer_id: CustomerId) -> Account:
        return self._account(_LOCKED_ACCOUNT, customer_id)

    def apply(self, change: Change) -> None:
        named = {"customer": change.customer_id, "balance": change.balance, "at": change.at}
        try:
            if self._session.run(_SET, **named).rowcount == 0:
                self._session.run(_OPEN, **named)
        except UniqueViolation as error:
            raise ChangedMeanwhileError("the points changed meanwhile", retry_after=1) from error
        self._session.run(
            _RECORD, **named, difference=change.difference, reason=change.reason, by=change.by
        )

    def entries(self, customer_id: CustomerId, part: Slice) -> Page[Entry]:
        total = self._session.run(_COUNT, customer=customer_id).scalar()
        rows = self._session.run(
            _entries(descending=part.descending),
            customer=customer_id,
            limit=part.limit,
            offset=part.offset,
        )
        return Page(
            total,
            [
                Entry(
                    EntryId(row.id),
                    Change(
                        customer_id=customer_id,
                        difference=row.difference,
                        balance=row.balance,
                        reason=row.reason,
                        by=row.created_by,
                        at=row.created_at,
                    ),
                )
                for row in rows
            ],
        )

    def clear(self, customer_id: CustomerId) -> None:
        self._session.run(_CLOSE, customer=customer_id)
        self._session.run(_ERASE, customer=customer_id)

    def _account(self, statement: Prepared, customer_id: CustomerId) -> Account:
        row = self._session.run(statement, customer=customer_id).one_or_none()
        if row is None:
            return Account(customer_id=customer_id)
        return Account(customer_id=customer_id, balance=row.balance, updated_at=row.updated_at)


class SqlStore:
    """Our own data, as one transaction sees them."""

    def __init__(self, session: Session) -> None:
        self.wishlists = SqlWishlists(session)
        self.points = SqlPoints(session)


_WISHED = WISHLIST.c.customer_id == bindparam("customer")
_WISHES = prepare(select(WISHLIST.c.book_id).where(_WISHED).order_by(WISHLIST.c.id))
_WISH = prepare(
    insert(WISHLIST).values(
        customer_id=bindparam("customer_id"),
        book_id=bindparam("book_id"),
        created_at=bindparam("at"),
        updated_at=bindparam("at"),
        version=bindparam("version"),
    )
)
_FORGO = prepare(delete(WISHLIST).where(_WISHED, among(WISHLIST.c.book_id, "book_ids")))
_FORGO_ALL = prepare(delete(WISHLIST).where(_WISHED))

_OWNED = POINT.c.customer_id == bindparam("customer")
_BALANCE = select(POINT.c.balance, POINT.c.updated_at).where(_OWNED)
_ACCOUNT = prepare(_BALANCE)
_LOCKED_ACCOUNT = prepare(_BALANCE.with_for_update())  # SQLite has one writer and leaves it out
_SET = prepare(
    update(POINT)
    .where(_OWNED)
    .values(balance=bindparam("balance"), updated_at=bindparam("at"), version=POINT.c.version + 1)
)
_OPEN = prepare(
    insert(POINT).values(
        customer_id=bindparam("customer"),
        balance=bindparam("balance"),
        created_at=bindparam("at"),
        updated_at=bindparam("at"),
        version=1,
    )
)
_CLOSE = prepare(delete(POINT).where(_OWNED))

_ENTERED = POINT_ENTRY.c.customer_id == bindparam("customer")
_RECORD = prepare(
    insert(POINT_ENTRY).values(
        customer_id=bindparam("customer"),
        difference=bindparam("difference"),
        balance=bindparam("balance"),
        reason=bindparam("reason"),
        created_by=bindparam("by"),
        created_at=bindparam("at"),
    )
)
_COUNT = prepare(select(func.count()).select_from(POINT_ENTRY).where(_ENTERED))
_ERASE = prepare(delete(POINT_ENTRY).where(_ENTERED))


@cache
def _entries(*, descending: bool) -> Prepared:
    columns = (POINT_ENTRY.c.created_at, POINT_ENTRY.c.id)
    order = [column.desc() if descending else column.asc() for column in columns]
    return prepare(
        select(POINT_ENTRY)
        .where(_ENTERED)
        .order_by(*order)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )
