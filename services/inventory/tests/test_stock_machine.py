"""Whatever happens to stock in whatever order: it is never negative, and the ledger adds up."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from bookstore.inventory.app import MIGRATIONS
from bookstore.inventory.application.hold_stock import ReleaseStock, ReserveStock, ShipStock
from bookstore.inventory.application.ports import MovementSearch, ReservationSearch, Slice
from bookstore.inventory.domain.allocation import Line
from bookstore.inventory.domain.reservation import Status
from bookstore.inventory.domain.stock import BookId, OrderId, Stock
from bookstore.inventory.outbound.sql import SqlInventory
from bookstore.kit.clock import FakeClock
from bookstore.kit.database import open_database
from bookstore.kit.errors import BookstoreError
from services.inventory.tests.builders import BY_HAND, NOON, a_draft, an_order, building, stocking

ResultT = TypeVar("ResultT")
ALL = Slice(limit=10_000)
BOOKS = st.integers(1, 2)


class StockMachine(RuleBasedStateMachine):
    """Orders come, go and are shipped while staff correct the figures."""

    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._opened = open_database("sqlite://", MIGRATIONS)
        self._transact = self._opened.__enter__().transact(SqlInventory)
        self._clock = FakeClock(NOON)
        self._count = 0

    def teardown(self) -> None:
        self._opened.__exit__(None, None, None)
        self._runner.close()

    def run_unit(self, work: Callable[[SqlInventory], ResultT]) -> ResultT:
        async def unit() -> ResultT:
            return await self._transact(work)

        return self._runner.run(unit())

    def rows(self) -> list[Stock]:
        return list(self.run_unit(lambda i: i.stocks.locked_of({BookId(1), BookId(2)})))

    @initialize(quantities=st.lists(st.integers(0, 5), min_size=4, max_size=4))
    def stock_two_books_in_two_warehouses(self, quantities: list[int]) -> None:
        for name in ("Main", "Annex"):
            self.run_unit(building(name))
        for n, quantity in enumerate(quantities):
            self.run_unit(stocking(a_draft(1 + n // 2, 1 + n % 2, quantity)))

    @rule(
        target=orders, lines=st.lists(st.tuples(BOOKS, st.integers(1, 6)), min_size=1, max_size=3)
    )
    def reserve(self, lines: list[tuple[int, int]]) -> OrderId:
        self._count += 1
        order = an_order(self._count)
        wanted = [Line(book_id=BookId(book), quantity=copies) for book, copies in lines]
        available = {
            book: sum(s.available for s in self.rows() if s.book_id == book) for book, _ in lines
        }
        asked = {book: sum(n for of, n in lines if of == book) for book, _ in lines}

        shortages = self.run_unit(lambda i: ReserveStock(self._clock)(i, order, wanted))

        assert bool(shortages) == any(asked[book] > available[book] for book in asked)
        assert all(shortage.available < shortage.asked for shortage in shortages)
        return order

    @rule(order=orders)
    def release(self, order: OrderId) -> None:
        self.run_unit(lambda i: ReleaseStock(self._clock)(i, order))

    @rule(order=orders)
    def ship(self, order: OrderId) -> None:
        self.run_unit(lambda i: ShipStock(self._clock)(i, order))

    @rule(which=st.integers(0, 3), by=st.integers(-6, 6))
    def adjust(self, which: int, by: int) -> None:
        stock = self.rows()[which]
        try:
            change = stock.adjusted(by, BY_HAND, NOON)
        except BookstoreError:
            assert by == 0 or stock.available + by < 0
        else:
            self.run_unit(lambda i: i.stocks.change([change]))

    @invariant()
    def nothing_is_negative_and_the_books_balance(self) -> None:
        movements = self.run_unit(lambda i: i.ledger.search(MovementSearch(), ALL)).items
        held = self.run_unit(
            lambda i: i.reservations.search(ReservationSearch(status=Status.HELD), ALL)
        ).items
        for stock in self.rows():
            mine = [movement for movement in movements if movement.stock_id == stock.id]
            assert 0 <= stock.reserved <= stock.quantity
            assert stock.quantity == sum(movement.quantity for movement in mine)
            assert stock.reserved == sum(movement.reserved for movement in mine)
            assert stock.reserved == sum(r.quantity for r in held if r.stock_id == stock.id)


StockMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestStock = StockMachine.TestCase
