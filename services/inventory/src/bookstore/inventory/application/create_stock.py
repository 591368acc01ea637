"""Stocking a book in a warehouse."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from bookstore.inventory.application.ports import BookList, Inventory, Key
from bookstore.inventory.domain.stock import Cause, Draft, Stock
from bookstore.kit.clock import Clock
from bookstore.kit.errors import FieldError, InvalidError
from bookstore.kit.transaction import Transact

OPERATION = "create_stock"


class UnknownBookError(InvalidError):
    """We do not sell a book that is named."""

    code = "unknown-book"


class UnknownWarehouseError(InvalidError):
    """There is no such warehouse as is named."""

    code = "unknown-warehouse"


@dataclass(frozen=True, slots=True)
class CreateStock:
    """Asks catalog whether we sell the book, then gives it a row; once per key."""

    transact: Transact[Inventory]
    books: BookList
    clock: Clock

    async def __call__(self, draft: Draft, *, by: UUID, key: str | None = None) -> Stock:
        """Return the new row; raises UnknownBookError, UnknownWarehouseError, StockExistsError."""
        await refuse_unknown_books(self.books, [draft], "")
        now = self.clock.now()

        def create(inventory: Inventory) -> Stock:
            refuse_unknown_warehouses(inventory, [draft], "")
            return inventory.stocks.add(draft, Cause(by=by), now)

        once = Key(owner=str(by), operation=OPERATION, key=key, request=asdict(draft), at=now)
        return await self.transact(
            lambda inventory: inventory.keys.once(once, lambda: create(inventory), Stock)
        )


async def refuse_unknown_books(books: BookList, drafts: Sequence[Draft], at: str) -> None:
    """Raise UnknownBookError for all drafts whose book we do not sell.

    `at` is a JSON Pointer to where the drafts are, with {} for a draft's number.
    """
    unknown = await books.unknown({draft.book_id for draft in drafts})
    fields = [
        FieldError(
            pointer=f"{at.format(index)}/book_id",
            code="unknown-book",
            message=f"we do not sell book {draft.book_id}",
        )
        for index, draft in enumerate(drafts)
        if draft.book_id in unknown
    ]
    if fields:
        raise UnknownBookError(fields[0].message, *fields)


def refuse_unknown_warehouses(inventory: Inventory, drafts: Sequence[Draft], at: str) -> None:
    """Raise UnknownWarehouseError for all drafts whose warehouse does not exist."""
    known = inventory.warehouses.known({draft.warehouse_id for draft in drafts})
    fields = [
        FieldError(
            pointer=f"{at.format(index)}/warehouse_id",
            code="unknown-warehouse",
            message=f"there is no warehouse {draft.warehouse_id}",
        )
        for index, draft in enumerate(drafts)
        if draft.warehouse_id not in known
    ]
    if fields:
        raise UnknownWarehouseError(fields[0].message, *fields)
