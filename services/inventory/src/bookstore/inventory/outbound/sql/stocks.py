"""Stock rows and the ledger of their changes, in one hand so that they never disagree."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from bookstore.inventory.application.ports import Figures, Page, Slice, Stocks, StockSearch
from bookstore.inventory.domain.stock import (
    BookId,
    Cause,
    Change,
    Draft,
    Kind,
    Stock,
    StockExistsError,
    StockId,
    StockNotFoundError,
    WarehouseId,
)
from bookstore.inventory.outbound.sql.listing import Listing
from bookstore.inventory.outbound.tables import MOVEMENT, STOCK
from bookstore.kit.database import Session, UniqueViolation, among, prepare
from bookstore.kit.errors import ContendedError


class StockMovedError(ContendedError):
    """Somebody else changed the stock at the same moment: ask again."""

    code = "stock-moved"


class SqlStocks(Stocks):
    """The tables `stock` and `movement`, as one transaction sees them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, draft: Draft, cause: Cause, at: datetime) -> Stock:
        try:
            added = self._session.run(_INSERT, **_values(draft, at))
        except UniqueViolation as error:
            raise StockExistsError(
                f"book {draft.book_id} is stocked in warehouse {draft.warehouse_id} already"
            ) from error
        stock = Stock(
            id=StockId(added.inserted_id),
            book_id=draft.book_id,
            warehouse_id=draft.warehouse_id,
            quantity=draft.quantity,
            reserved=0,
            created_at=at,
            updated_at=at,
            version=1,
        )
        self._session.run(_RECORD, **_stocked(stock, cause))
        return stock

    def add_missing(self, drafts: Sequence[Draft], cause: Cause, at: datetime) -> Sequence[Draft]:
        wanted: dict[tuple[BookId, WarehouseId], Draft] = {}
        for draft in drafts:
            wanted.setdefault((draft.book_id, draft.warehouse_id), draft)
        book_ids = {draft.book_id for draft in drafts}
        taken = {(stock.book_id, stock.warehouse_id) for stock in self.locked_of(book_ids)}
        fresh = {pair: draft for pair, draft in wanted.items() if pair not in taken}
        try:
            self._session.run_many(_INSERT, [_values(draft, at) for draft in fresh.values()])
        except UniqueViolation as error:
            raise StockMovedError("a book was stocked meanwhile", retry_after=1) from error
        rows = [_stock(row) for row in self._session.run(_OF_BOOKS, book_ids=list(book_ids))]
        added = [stock for stock in rows if (stock.book_id, stock.warehouse_id) in fresh]
        self._session.run_many(_RECORD, [_stocked(stock, cause) for stock in added])
        return list(fresh.values())

    def get(self, stock_id: StockId) -> Stock:
        row = self._session.run(_ONE, row=stock_id).one_or_none()
        if row is None:
            raise StockNotFoundError(f"there is no stock row {stock_id}")
        return _stock(row)

    def locked(self, stock_ids: Collection[StockId]) -> Sequence[Stock]:
        return [_stock(row) for row in self._session.run(_LOCKED, stock_ids=list(stock_ids))]

    def locked_of(self, book_ids: Collection[BookId]) -> Sequence[Stock]:
        return [_stock(row) for row in self._session.run(_LOCKED_OF, book_ids=list(book_ids))]

    def change(self, changes: Sequence[Change]) -> None:
        rows = [
            {
                "row": change.before.id,
                "was": change.before.version,
                "quantity": change.after.quantity,
                "reserved": change.after.reserved,
                "updated_at": change.after.updated_at,
                "version": change.after.version,
            }
            for change in changes
        ]
        if self._session.run_many(_UPDATE, rows) != len(rows):
            raise StockMovedError("stock changed meanwhile; try again", retry_after=1)
        self._session.run_many(_RECORD, map(_movement, changes))

    def remove(self, change: Change) -> None:
        gone = self._session.run(_DELETE, row=change.before.id, was=change.before.version)
        if gone.rowcount != 1:
            raise StockMovedError("stock changed meanwhile; try again", retry_after=1)
        self._session.run(_RECORD, **_movement(change))

    def search(self, search: StockSearch, part: Slice) -> Page[Stock]:
        wanted = {"book": search.book_id, "warehouse": search.warehouse_id}
        total, rows = _LIST.page(self._session, wanted, part)
        return Page(total, [_stock(row) for row in rows])

    def figures(self, book_ids: Collection[BookId]) -> Sequence[Figures]:
        return [
            Figures(
                book_id=BookId(row.book_id), quantity=int(row.quantity), reserved=int(row.reserved)
            )
            for row in self._session.run(_FIGURES, book_ids=list(book_ids))
        ]


_IN_ORDER = (STOCK.c.book_id, STOCK.c.warehouse_id)
_ONE = prepare(select(STOCK).where(STOCK.c.id == bindparam("row")))
_OF_BOOKS = prepare(select(STOCK).where(among(STOCK.c.book_id, "book_ids")).order_by(*_IN_ORDER))
_LOCKED = prepare(
    select(STOCK)
    .where(among(STOCK.c.id, "stock_ids"))
    .order_by(*_IN_ORDER)
    .with_for_update()  # SQLite has one writer and leaves it out
)
_LOCKED_OF = prepare(
    select(STOCK).where(among(STOCK.c.book_id, "book_ids")).order_by(*_IN_ORDER).with_for_update()
)
_INSERT = prepare(
    insert(STOCK).values(
        {column: bindparam(column.name) for column in STOCK.c if column is not STOCK.c.id}
    )
)
_AS_SEEN = (STOCK.c.id == bindparam("row"), STOCK.c.version == bindparam("was"))
_UPDATE = prepare(
    update(STOCK)
    .where(*_AS_SEEN)
    .values(
        quantity=bindparam("quantity"),
        reserved=bindparam("reserved"),
        updated_at=bindparam("updated_at"),
        version=bindparam("version"),
    )
)
_DELETE = prepare(delete(STOCK).where(*_AS_SEEN))
_RECORD = prepare(
    insert(MOVEMENT).values(
        {column: bindparam(column.name) for column in MOVEMENT.c if column is not MOVEMENT.c.id}
    )
)
_FIGURES = prepare(
    select(
        STOCK.c.book_id,
        func.sum(STOCK.c.quantity).label("quantity"),
        func.sum(STOCK.c.reserved).label("reserved"),
    )
    .where(among(STOCK.c.book_id, "book_ids"))
    .group_by(STOCK.c.book_id)
    .order_by(STOCK.c.book_id)
)
_LIST = Listing(
    STOCK,
    {
        "book": STOCK.c.book_id == bindparam("book"),
        "warehouse": STOCK.c.warehouse_id == bindparam("warehouse"),
    },
)


def _stock(row: Any) -> Stock:  # noqa: ANN401 — a row's type is made at run time
    return Stock(
        id=StockId(row.id),
        book_id=BookId(row.book_id),
        warehouse_id=WarehouseId(row.warehouse_id),
        quantity=row.quantity,
        reserved=row.reserved,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _values(draft: Draft, at: datetime) -> dict[str, object]:
    return {
        "book_id": draft.book_id,
        "warehouse_id": draft.warehouse_id,
        "quantity": draft.quantity,
        "reserved": 0,
        "created_at": at,
        "updated_at": at,
        "version": 1,
    }


def _stocked(stock: Stock, cause: Cause) -> dict[str, object]:
    return _entry(Kind.STOCKED, stock, stock.quantity, 0, cause)


def _movement(change: Change) -> dict[str, object]:
    return _entry(change.kind, change.after, change.quantity, change.reserved, change.cause)


def _entry(
    kind: Kind, after: Stock, quantity: int, reserved: int, cause: Cause
) -> dict[str, object]:
    return {
        "stock_id": after.id,
        "book_id": after.book_id,
        "warehouse_id": after.warehouse_id,
        "kind": kind.value,
        "quantity": quantity,
        "reserved": reserved,
        "quantity_after": after.quantity,
        "reserved_after": after.reserved,
        "order_id": cause.order_id,
        "reason": cause.reason,
        "created_by": cause.by,
        "created_at": after.updated_at,
    }
