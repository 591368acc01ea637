"""Allocation: which warehouses fill an order's lines, or which lines cannot be filled.

All or nothing: an order for a book that is sold out reserves nothing else either. A line may be
filled from several warehouses; rows are taken in the order of book and warehouse, which is also
the order in which every order locks them, so that no two wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bookstore.inventory.domain.stock import BookId, Cause, Change, OrderId, Stock


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many copies of a book."""

    book_id: BookId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """A line that asks for more than there is."""

    order_id: OrderId
    index: int
    book_id: BookId
    asked: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What would be reserved; with any shortage, nothing is."""

    changes: Sequence[Change]
    shortages: Sequence[Shortage]


def allocate(
    order_id: OrderId, lines: Sequence[Line], stocks: Sequence[Stock], at: datetime
) -> Allocation:
    """Fill the lines from the stock rows, which are sorted by book and warehouse."""
    rows: dict[BookId, list[Stock]] = {}
    for stock in stocks:
        rows.setdefault(stock.book_id, []).append(stock)
    changes: list[Change] = []
    shortages: list[Shortage] = []
    for index, line in sorted(enumerate(lines), key=lambda numbered: numbered[1].book_id):
        on_hand = rows.get(line.book_id, [])
        available = sum(stock.available for stock in on_hand)
        if line.quantity > available:
            shortages.append(
                Shortage(
                    order_id=order_id,
                    index=index,
                    book_id=line.book_id,
                    asked=line.quantity,
                    available=available,
                )
            )
            continue
        changes += _fill(line.quantity, on_hand, Cause(order_id=order_id), at)
    return Allocation(changes=changes, shortages=sorted(shortages, key=lambda s: s.index))


def _fill(copies: int, on_hand: list[Stock], cause: Cause, at: datetime) -> list[Change]:
    """Take the copies from row after row, which are left as they are afterwards."""
    changes: list[Change] = []
    for place, stock in enumerate(on_hand):
        taken = min(copies, stock.available)
        if taken:
            change = stock.reserved_for(taken, cause, at)
            on_hand[place] = change.after
            changes.append(change)
            copies -= taken
    return changes
