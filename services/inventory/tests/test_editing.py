"""Stocking, editing, adjusting and removing, on inventory in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bookstore.inventory.application.create_stock import (
    CreateStock,
    UnknownBookError,
    UnknownWarehouseError,
)
from bookstore.inventory.application.edit_stock import AdjustStock, RemoveStock, ReplaceStock
from bookstore.inventory.application.stock_many import CreateStocks, StockBooks
from bookstore.inventory.application.warehouses import KeepWarehouses
from bookstore.inventory.domain.stock import (
    BelowReservedError,
    BookId,
    Cause,
    Kind,
    StockExistsError,
    StockFixedError,
    StockId,
    StockNotFoundError,
    WarehouseId,
)
from bookstore.inventory.domain.warehouse import (
    TextInvalidError,
    WarehouseNotFoundError,
    described,
)
from bookstore.kit.clock import FakeClock
from bookstore.kit.errors import (
    BookstoreError,
    IdempotencyKeyReusedError,
    VersionMismatchError,
    VersionRequiredError,
)
from bookstore.kit.precondition import ANY_VERSION, Precondition
from bookstore.kit.transaction import at_once
from services.inventory.tests.builders import (
    NOON,
    STAFF,
    a_description,
    a_draft,
    an_order,
)
from services.inventory.tests.memory import FixedBooks, MemoryInventory

LATER = NOON + timedelta(minutes=1)


@dataclass
class Desk:
    """The use cases, on an inventory with warehouse 1; books 1 to 3 are on sale."""

    inventory: MemoryInventory
    create: CreateStock
    create_many: CreateStocks
    stock_books: StockBooks
    replace: ReplaceStock
    adjust: AdjustStock
    remove: RemoveStock
    warehouses: KeepWarehouses


@pytest.fixture
def desk() -> Desk:
    inventory, books, clock = MemoryInventory(), FixedBooks(1, 2, 3), FakeClock(LATER)
    inventory.warehouses.add(a_description("Main"), NOON)
    transact = at_once(inventory)
    return Desk(
        inventory,
        CreateStock(transact, books, clock),
        CreateStocks(transact, books, clock),
        StockBooks(transact, clock),
        ReplaceStock(transact, clock),
        AdjustStock(transact, clock),
        RemoveStock(transact, clock),
        KeepWarehouses(transact, clock),
    )


def pointers(error: BookstoreError) -> list[tuple[str, str]]:
    return [(field.pointer, field.code) for field in error.fields]


async def test_a_book_is_stocked_by_somebody(desk: Desk) -> None:
    stock = await desk.create(a_draft(quantity=5), by=STAFF)

    assert desk.inventory.stocks.get(stock.id) == stock
    assert (stock.quantity, stock.created_at) == (5, LATER)
    entry = desk.inventory.ledger.newest(stock.id)
    assert (entry.kind, entry.quantity, entry.cause) == (Kind.STOCKED, 5, Cause(by=STAFF))


async def test_only_books_on_sale_are_stocked_in_warehouses_that_exist(desk: Desk) -> None:
    with pytest.raises(UnknownBookError) as unknown_book:
        await desk.create(a_draft(book=9), by=STAFF)
    with pytest.raises(UnknownWarehouseError) as unknown_warehouse:
        await desk.create(a_draft(place=9), by=STAFF)

    assert pointers(unknown_book.value) == [("/book_id", "unknown-book")]
    assert pointers(unknown_warehouse.value) == [("/warehouse_id", "unknown-warehouse")]
    assert desk.inventory.stocks.rows == {}


async def test_a_key_stocks_once_and_belongs_to_its_request(desk: Desk) -> None:
    first = await desk.create(a_draft(quantity=5), by=STAFF, key="k")

    assert await desk.create(a_draft(quantity=5), by=STAFF, key="k") == first
    with pytest.raises(IdempotencyKeyReusedError):
        await desk.create(a_draft(quantity=6), by=STAFF, key="k")
    with pytest.raises(StockExistsError):
        await desk.create(a_draft(quantity=5), by=STAFF, key="another")


async def test_stocking_many_creates_what_is_missing_and_refills_nothing(desk: Desk) -> None:
    await desk.create(a_draft(1, quantity=1), by=STAFF)
    drafts = [a_draft(1, quantity=9), a_draft(2), a_draft(3)]

    assert await desk.create_many(drafts, by=STAFF) == 2
    assert await desk.create_many(drafts, by=STAFF) == 0

    assert [stock.quantity for stock in desk.inventory.stocks.rows.values()] == [1, 5, 5]


async def test_stocking_many_is_all_or_nothing_and_names_every_wrong_row(desk: Desk) -> None:
    with pytest.raises(UnknownBookError) as unknown_book:
        await desk.create_many([a_draft(1), a_draft(8), a_draft(9)], by=STAFF)
    with pytest.raises(UnknownWarehouseError) as unknown_warehouse:
        await desk.create_many([a_draft(1), a_draft(2, place=9)], by=STAFF)

    assert pointers(unknown_book.value) == [
        ("/items/1/book_id", "unknown-book"),
        ("/items/2/book_id", "unknown-book"),
    ]
    assert pointers(unknown_warehouse.value) == [("/items/1/warehouse_id", "unknown-warehouse")]
    assert desk.inventory.stocks.rows == {}


async def test_catalog_stocks_books_that_are_stocked_nowhere(desk: Desk) -> None:
    await desk.create(a_draft(1, quantity=1), by=STAFF)
    copies = [(BookId(1), 10), (BookId(7), 10)]

    assert await desk.stock_books(copies, "") == {7}
    assert await desk.stock_books(copies, "") == set()
    assert await desk.stock_books([(BookId(8), 4)], "Import") == {8}
    assert await desk.stock_books([(BookId(9), 4)], "Import") == {9}

    places = [(s.book_id, s.warehouse_id, s.quantity) for s in desk.inventory.stocks.rows.values()]
    assert places == [(1, 1, 1), (7, 1, 10), (8, 2, 4), (9, 2, 4)]
    assert desk.inventory.warehouses.get(WarehouseId(2)).description.name == "Import"


async def test_the_first_warehouse_is_built_when_catalog_needs_it() -> None:
    inventory = MemoryInventory()

    await StockBooks(at_once(inventory), FakeClock(NOON))([(BookId(1), 3)], "")

    built = inventory.warehouses.first(None)
    assert built is not None
    assert built.description.name == "Main warehouse"


async def test_a_row_is_set_by_who_has_seen_it(desk: Desk) -> None:
    stock = await desk.create(a_draft(quantity=5), by=STAFF)
    seen = Precondition(versions=frozenset({"1"}), given=True)

    edited = await desk.replace(stock.id, a_draft(quantity=8), seen, by=STAFF)

    assert (edited.quantity, edited.version) == (8, 2)
    assert desk.inventory.ledger.newest(stock.id).kind is Kind.EDITED
    with pytest.raises(VersionMismatchError):
        await desk.replace(stock.id, a_draft(quantity=9), seen, by=STAFF)
    with pytest.raises(VersionRequiredError):
        await desk.replace(stock.id, a_draft(quantity=9), Precondition(), by=STAFF)


async def test_a_rows_book_and_warehouse_stay(desk: Desk) -> None:
    stock = await desk.create(a_draft(1, 1), by=STAFF)

    with pytest.raises(StockFixedError) as fixed:
        await desk.replace(stock.id, a_draft(2, 2), ANY_VERSION, by=STAFF)

    assert pointers(fixed.value) == [("/book_id", "stock-fixed"), ("/warehouse_id", "stock-fixed")]


async def test_an_adjustment_is_written_down_with_its_reason_once_per_key(desk: Desk) -> None:
    stock = await desk.create(a_draft(quantity=5), by=STAFF)

    entry = await desk.adjust(stock.id, -2, " two were damaged ", by=STAFF, key="k")
    again = await desk.adjust(stock.id, -2, "two were damaged", by=STAFF, key="k")

    assert entry == again
    assert (entry.kind, entry.quantity, entry.quantity_after) == (Kind.ADJUSTED, -2, 3)
    assert entry.cause == Cause(reason="two were damaged", by=STAFF)
    assert desk.inventory.stocks.get(stock.id).quantity == 3
    with pytest.raises(TextInvalidError):
        await desk.adjust(stock.id, 1, "\u200b", by=STAFF)


async def test_copies_that_orders_hold_stay(desk: Desk) -> None:
    stock = await desk.create(a_draft(quantity=5), by=STAFF)
    hold = stock.reserved_for(2, Cause(order_id=an_order()), LATER)
    desk.inventory.stocks.change([hold])

    with pytest.raises(BelowReservedError):
        await desk.remove(stock.id, by=STAFF)
    with pytest.raises(BelowReservedError):
        await desk.replace(stock.id, a_draft(quantity=1), ANY_VERSION, by=STAFF)
    with pytest.raises(BelowReservedError):
        await desk.adjust(stock.id, -4, "lost", by=STAFF)
    assert desk.inventory.stocks.get(stock.id) == hold.after


async def test_a_removed_row_is_gone(desk: Desk) -> None:
    stock = await desk.create(a_draft(), by=STAFF)

    await desk.remove(stock.id, by=STAFF)

    with pytest.raises(StockNotFoundError):
        await desk.remove(stock.id, by=STAFF)
    assert desk.inventory.ledger.newest(stock.id).kind is Kind.REMOVED


async def test_what_is_not_there_cannot_be_edited(desk: Desk) -> None:
    with pytest.raises(StockNotFoundError):
        await desk.replace(StockId(9), a_draft(), ANY_VERSION, by=STAFF)
    with pytest.raises(StockNotFoundError):
        await desk.adjust(StockId(9), 1, "found", by=STAFF)


async def test_a_warehouse_is_added_changed_and_removed(desk: Desk) -> None:
    added = await desk.warehouses.add(a_description("Annex"))
    seen = Precondition(versions=frozenset({"1"}), given=True)

    changed = await desk.warehouses.change(added.id, a_description("Cellar"), seen)

    assert (changed.description.name, changed.version) == ("Cellar", 2)
    with pytest.raises(VersionMismatchError):
        await desk.warehouses.change(added.id, a_description("Attic"), seen)
    await desk.warehouses.remove(added.id)
    with pytest.raises(WarehouseNotFoundError):
        await desk.warehouses.remove(added.id)


@pytest.mark.parametrize(
    "describe",
    [
        lambda: described(" ", None, None),
        lambda: described("Ma\x00in", None, None),
        lambda: described("Main", "\u200b", None),
    ],
)
def test_what_nobody_can_read_is_refused(describe: Callable[[], object]) -> None:
    with pytest.raises(TextInvalidError):
        describe()


def test_a_description_is_tidied() -> None:
    assert described(" Cafe\u0301 ", " 1 Quay ", 5).name == "Café"
