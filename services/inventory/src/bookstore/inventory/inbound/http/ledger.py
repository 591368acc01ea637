"""/api/v1/movements: the ledger."""

from dataclasses import dataclass
from datetime import datetime

from bookstore.contracts.openapi import inventory as api
from bookstore.inventory.application.look import Look
from bookstore.inventory.application.ports import MovementSearch
from bookstore.inventory.domain.ledger import Movement, MovementId
from bookstore.inventory.domain.stock import Kind
from bookstore.inventory.inbound.http.asked import part_of
from bookstore.kit.caller import Caller
from bookstore.kit.cursor import decode, encode


@dataclass(frozen=True, slots=True)
class MovementsController(api.MovementsApi):
    """Shows staff every change of stock."""

    look: Look

    async def list_movements(
        self, _caller: Caller, query: api.ListMovementsQuery, /
    ) -> api.MovementPage:
        search = MovementSearch(
            stock_id=query.stock_id,
            book_id=query.book_id,
            warehouse_id=query.warehouse_id,
            order_id=query.order_id,
            kind=None if query.kind is None else Kind(query.kind),
            created_from=query.created_from,
            created_to=query.created_to,
        )
        part = part_of(query, query.cursor)
        list_ = ["movements", search, part.sort, part.descending]
        page, more = await self.look.movements(search, part, _after(list_, query))
        last = page.items[-1] if more else None
        return api.MovementPage(
            total=page.total,
            items=[movement_document(movement) for movement in page.items],
            next_cursor=None if last is None else encode(list_, last.created_at, last.id),
        )

    async def get_movement(self, _caller: Caller, movement_id: int, /) -> api.Movement:
        return movement_document(await self.look.movement(MovementId(movement_id)))


def _after(list_: object, query: api.ListMovementsQuery) -> tuple[datetime, int] | None:
    """Return where the page before ended; raises CursorInvalidError."""
    if query.cursor is None:
        return None
    return decode(list_, query.cursor, datetime, int)


def movement_document(movement: Movement) -> api.Movement:
    """Return the ledger's entry as clients read it."""
    cause = movement.cause
    return api.Movement(
        id=movement.id,
        stock_id=movement.stock_id,
        book_id=movement.book_id,
        warehouse_id=movement.warehouse_id,
        kind=api.MovementKind(movement.kind),
        quantity=movement.quantity,
        reserved_quantity=movement.reserved,
        quantity_after=movement.quantity_after,
        reserved_after=movement.reserved_after,
        order_id=None if cause.order_id is None else str(cause.order_id),
        reason=cause.reason,
        created_by=None if cause.by is None else str(cause.by),
        created_at=movement.created_at,
    )
