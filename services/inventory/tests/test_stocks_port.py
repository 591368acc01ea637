"""What any `Stocks` with its `Ledger` must do."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bookstore.inventory.application.ports import MovementSearch, Page, Slice, StockSearch
from bookstore.inventory.domain.ledger import Movement, MovementId, MovementNotFoundError
from bookstore.inventory.domain.stock import (
    Cause,
    Kind,
    StockExistsError,
    StockId,
    StockNotFoundError,
)
from bookstore.inventory.inbound.worker import Desk
from bookstore.inventory.outbound.sql.stocks import StockMovedError
from bookstore.kit.transaction import Transact
from services.inventory.tests.builders import (
    BY_HAND,
    HOBBIT,
    NOON,
    SILMARILLION,
    a_draft,
    an_order,
    stocking,
)

LATER = NOON + timedelta(seconds=1)


async def test_a_row_is_found_as_it_was_added(transact: Transact[Desk]) -> None:
    added = await transact(lambda desk: desk.stocks.add(a_draft(quantity=5), BY_HAND, NOON))

    assert (added.quantity, added.reserved, added.version) == (5, 0, 1)
    assert await transact(lambda desk: desk.stocks.get(added.id)) == added
    with pytest.raises(StockNotFoundError):
        await transact(lambda desk: desk.stocks.get(StockId(99)))


async def test_a_book_has_one_row_in_a_warehouse(transact: Transact[Desk]) -> None:
    await transact(lambda desk: desk.stocks.add(a_draft(place=1), BY_HAND, NOON))
    await transact(lambda desk: desk.stocks.add(a_draft(place=2), BY_HAND, NOON))

    with pytest.raises(StockExistsError):
        await transact(lambda desk: desk.stocks.add(a_draft(place=1), BY_HAND, NOON))


async def test_missing_rows_are_added_and_the_others_left_alone(
    transact: Transact[Desk],
) -> None:
    drafts = [a_draft(1, quantity=9), a_draft(2), a_draft(2, quantity=7), a_draft(2, place=2)]
    kept = await transact(lambda desk: desk.stocks.add(a_draft(1, quantity=5), BY_HAND, NOON))

    added = await transact(lambda desk: desk.stocks.add_missing(drafts, BY_HAND, LATER))
    again = await transact(lambda desk: desk.stocks.add_missing(drafts, BY_HAND, LATER))

    assert sorted(added, key=lambda draft: draft.warehouse_id) == [a_draft(2), a_draft(2, place=2)]
    assert again == []
    assert await transact(lambda desk: desk.stocks.get(kept.id)) == kept
    entries = await transact(lambda desk: desk.ledger.search(MovementSearch(), Slice()))
    assert [entry.kind for entry in entries.items] == [Kind.STOCKED] * 3


async def test_a_change_moves_the_row_and_is_written_down(transact: Transact[Desk]) -> None:
    stock = await transact(lambda desk: desk.stocks.add(a_draft(quantity=5), BY_HAND, NOON))
    cause = Cause(order_id=an_order())
    change = stock.reserved_for(2, cause, LATER)

    await transact(lambda desk: desk.stocks.change([change]))

    assert await transact(lambda desk: desk.stocks.get(stock.id)) == change.after
    entry = await transact(lambda desk: desk.ledger.newest(stock.id))
    assert (entry.kind, entry.quantity, entry.reserved) == (Kind.RESERVED, 0, 2)
    assert (entry.quantity_after, entry.reserved_after) == (5, 2)
    assert (entry.cause, entry.created_at) == (cause, LATER)
    assert await transact(lambda desk: desk.ledger.get(entry.id)) == entry


async def test_a_change_of_what_has_changed_meanwhile_is_refused(
    transact: Transact[Desk],
) -> None:
    stock = await transact(lambda desk: desk.stocks.add(a_draft(quantity=5), BY_HAND, NOON))
    await transact(lambda desk: desk.stocks.change([stock.adjusted(1, BY_HAND, LATER)]))

    with pytest.raises(StockMovedError):
        await transact(lambda desk: desk.stocks.change([stock.adjusted(1, BY_HAND, LATER)]))
    with pytest.raises(StockMovedError):
        await transact(lambda desk: desk.stocks.remove(stock.removed(BY_HAND, LATER)))


async def test_a_removed_row_is_gone_and_its_ledger_stays(transact: Transact[Desk]) -> None:
    stock = await transact(lambda desk: desk.stocks.add(a_draft(quantity=5), BY_HAND, NOON))

    await transact(lambda desk: desk.stocks.remove(stock.removed(BY_HAND, LATER)))
    again = await transact(lambda desk: desk.stocks.add(a_draft(), BY_HAND, LATER))

    assert again.id != stock.id
    with pytest.raises(StockNotFoundError):
        await transact(lambda desk: desk.stocks.get(stock.id))
    entry = await transact(lambda desk: desk.ledger.newest(stock.id))
    assert (entry.kind, entry.quantity, entry.quantity_after) == (Kind.REMOVED, -5, 0)


async def test_rows_are_locked_by_book_and_warehouse(transact: Transact[Desk]) -> None:
    places = [(2, 2), (1, 2), (2, 1)]
    for book, place in places:
        await transact(stocking(a_draft(book, place)))

    of_books = await transact(lambda desk: desk.stocks.locked_of({HOBBIT, SILMARILLION}))
    by_id = await transact(lambda desk: desk.stocks.locked({StockId(1), StockId(3)}))

    assert [(s.book_id, s.warehouse_id) for s in of_books] == sorted(places)
    assert [(s.book_id, s.warehouse_id) for s in by_id] == [(2, 1), (2, 2)]


async def test_figures_are_summed_over_warehouses_of_stocked_books_only(
    transact: Transact[Desk],
) -> None:
    first = await transact(lambda desk: desk.stocks.add(a_draft(1, 1, 5), BY_HAND, NOON))
    await transact(lambda desk: desk.stocks.add(a_draft(1, 2, 3), BY_HAND, NOON))
    await transact(lambda desk: desk.stocks.change([first.reserved_for(2, BY_HAND, LATER)]))

    figures = await transact(lambda desk: desk.stocks.figures([SILMARILLION, HOBBIT]))

    assert [(f.book_id, f.quantity, f.reserved) for f in figures] == [(HOBBIT, 8, 2)]


async def test_rows_are_listed_by_filter_and_sort_a_part_at_a_time(
    transact: Transact[Desk],
) -> None:
    for book, place, quantity in ((1, 1, 7), (2, 1, 3), (2, 2, 3)):
        await transact(stocking(a_draft(book, place, quantity)))

    async def ids(part: Slice, **wanted: int) -> tuple[int, list[int]]:
        page = await transact(lambda desk: desk.stocks.search(StockSearch(**wanted), part))
        return page.total, [stock.id for stock in page.items]

    assert await ids(Slice()) == (3, [3, 2, 1])
    assert await ids(Slice(sort="quantity", descending=False)) == (3, [2, 3, 1])
    assert await ids(Slice(sort="quantity")) == (3, [1, 3, 2])
    assert await ids(Slice(), book_id=2) == (2, [3, 2])
    assert await ids(Slice(), book_id=2, warehouse_id=1) == (1, [2])
    assert await ids(Slice(limit=1, offset=1)) == (3, [2])
    assert await ids(Slice(offset=9)) == (3, [])


async def test_the_ledger_is_walked_without_repeating_or_missing_an_entry(
    transact: Transact[Desk],
) -> None:
    for book in range(1, 6):
        await transact(stocking(a_draft(book)))

    def walk(part: Slice, after: tuple[datetime, int] | None) -> Callable[[Desk], Page[Movement]]:
        return lambda desk: desk.ledger.search(MovementSearch(), part, after)

    for descending in (True, False):
        seen: list[int] = []
        after = None
        part = Slice(limit=2, descending=descending)
        while True:
            page = await transact(walk(part, after))
            assert page.total == 5
            if not page.items:
                break
            seen += [entry.id for entry in page.items]
            after = (page.items[-1].created_at, page.items[-1].id)
        assert seen == sorted([1, 2, 3, 4, 5], reverse=descending)


async def test_the_ledger_is_filtered(transact: Transact[Desk]) -> None:
    stock = await transact(lambda desk: desk.stocks.add(a_draft(1, 1), BY_HAND, NOON))
    await transact(lambda desk: desk.stocks.add(a_draft(2, 2), BY_HAND, NOON))
    cause = Cause(order_id=an_order())
    await transact(lambda desk: desk.stocks.change([stock.reserved_for(1, cause, LATER)]))

    async def ids(search: MovementSearch) -> list[int]:
        page = await transact(lambda desk: desk.ledger.search(search, Slice(descending=False)))
        return [entry.id for entry in page.items]

    assert await ids(MovementSearch(stock_id=stock.id)) == [1, 3]
    assert await ids(MovementSearch(book_id=2)) == [2]
    assert await ids(MovementSearch(warehouse_id=1)) == [1, 3]
    assert await ids(MovementSearch(order_id=an_order())) == [3]
    assert await ids(MovementSearch(kind=Kind.STOCKED)) == [1, 2]
    assert await ids(MovementSearch(created_from=LATER)) == [3]
    assert await ids(MovementSearch(created_to=LATER)) == [1, 2]
    with pytest.raises(MovementNotFoundError):
        await transact(lambda desk: desk.ledger.get(MovementId(9)))
    with pytest.raises(MovementNotFoundError):
        await transact(lambda desk: desk.ledger.newest(StockId(9)))
