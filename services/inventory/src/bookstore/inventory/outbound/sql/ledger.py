"""The ledger, to be read; SqlStocks writes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from bookstore.inventory.application.ports import Ledger, MovementSearch, Page, Slice
from bookstore.inventory.domain.ledger import Movement, MovementId, MovementNotFoundError
from bookstore.inventory.domain.stock import BookId, Cause, Kind, StockId, WarehouseId
from bookstore.inventory.outbound.sql.listing import Listing
from bookstore.inventory.outbound.tables import MOVEMENT
from bookstore.kit.database import Instant, Session, prepare


class SqlLedger(Ledger):
    """The table `movement`, as one transaction sees it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, movement_id: MovementId) -> Movement:
        row = self._session.run(_ONE, row=movement_id).one_or_none()
        if row is None:
            raise MovementNotFoundError(f"there is no movement {movement_id}")
        return _movement(row)

    def newest(self, stock_id: StockId) -> Movement:
        row = self._session.run(_NEWEST, stock=stock_id).one_or_none()
        if row is None:
            raise MovementNotFoundError(f"stock row {stock_id} never moved")
        return _movement(row)

    def search(
        self, search: MovementSearch, part: Slice, after: tuple[datetime, int] | None = None
    ) -> Page[Movement]:
        wanted = {
            "stock": search.stock_id,
            "book": search.book_id,
            "warehouse": search.warehouse_id,
            "order": search.order_id,
            "kind": search.kind and search.kind.value,
            "since": search.created_from,
            "until": search.created_to,
        }
        total, rows = _LIST.page(self._session, wanted, part, after)
        return Page(total, [_movement(row) for row in rows])


_ONE = prepare(select(MOVEMENT).where(MOVEMENT.c.id == bindparam("row")))
_NEWEST = prepare(
    select(MOVEMENT)
    .where(MOVEMENT.c.stock_id == bindparam("stock"))
    .order_by(MOVEMENT.c.id.desc())
    .limit(1)
)
_LIST = Listing(
    MOVEMENT,
    {
        "stock": MOVEMENT.c.stock_id == bindparam("stock"),
        "book": MOVEMENT.c.book_id == bindparam("book"),
        "warehouse": MOVEMENT.c.warehouse_id == bindparam("warehouse"),
        "order": MOVEMENT.c.order_id == bindparam("order"),
        "kind": MOVEMENT.c.kind == bindparam("kind"),
        "since": MOVEMENT.c.created_at >= bindparam("since", type_=Instant()),
        "until": MOVEMENT.c.created_at < bindparam("until", type_=Instant()),
    },
)


def _movement(row: Any) -> Movement:  # noqa: ANN401 — a row's type is made at run time
    return Movement(
        id=MovementId(row.id),
        stock_id=StockId(row.stock_id),
        book_id=BookId(row.book_id),
        warehouse_id=WarehouseId(row.warehouse_id),
        kind=Kind(row.kind),
        quantity=row.quantity,
        reserved=row.reserved,
        quantity_after=row.quantity_after,
        reserved_after=row.reserved_after,
        cause=Cause(order_id=row.order_id, reason=row.reason, by=row.created_by),
        created_at=row.created_at,
    )
