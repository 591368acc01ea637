"""What somebody wants to buy, and what it costs today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NewType

from bookstore.kit.errors import ConflictError, FieldError, InvalidError
from bookstore.kit.money import MixedCurrenciesError, Money, total
from bookstore.order.domain.refusals import refusal

BookId = NewType("BookId", int)

MOST_LINES = 100
MOST_COPIES = 999


class UnknownBookError(InvalidError):
    """A book of the order is not sold here, or not any longer."""

    code = "unknown-book"


class QuantityOutOfRangeError(InvalidError):
    """An order has 1 to 100 lines, and 1 to 999 copies of each book, all its lines together."""

    code = "quantity-out-of-range"


class PriceChangedError(ConflictError):
    """The order costs something else than the customer was told; nothing was ordered.

    `total` is what it costs now: show it, and order again with it as `expected_total`.
    """

    code = "price-changed"

    def __init__(self, now: Money) -> None:
        super().__init__(f"the order costs {now} now")
        self.total = now


@dataclass(frozen=True, slots=True)
class Wish:
    """So many copies of a book; `index` is where the customer's list first names it."""

    book_id: BookId
    quantity: int
    index: int = 0

    @property
    def pointer(self) -> str:
        """Where in the request it stands (RFC 6901)."""
        return f"/order_items/{self.index}"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a book is called and costs, today."""

    title: str
    price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many copies of a book, at the title and price it had when it was ordered."""

    book_id: BookId
    title: str
    quantity: int
    unit_price: Money
    index: int

    @property
    def line_total(self) -> Money:
        """What all the copies cost."""
        return self.unit_price * self.quantity


def merge(wishes: Sequence[tuple[int, int]]) -> tuple[Wish, ...]:
    """Make one wish of all (book, quantity) for the same book; raises QuantityOutOfRangeError."""
    merged: dict[int, Wish] = {}
    for index, (book_id, quantity) in enumerate(wishes):
        before = merged.get(book_id)
        if before is None:
            merged[book_id] = Wish(BookId(book_id), quantity, index)
        else:
            merged[book_id] = Wish(before.book_id, before.quantity + quantity, before.index)
    if not 1 <= len(merged) <= MOST_LINES:
        raise refusal(
            QuantityOutOfRangeError, f"an order has 1 to {MOST_LINES} lines", "/order_items"
        )
    for wish in merged.values():
        if not 1 <= wish.quantity <= MOST_COPIES:
            message = f"an order has 1 to {MOST_COPIES} copies of a book"
            raise refusal(QuantityOutOfRangeError, message, f"{wish.pointer}/quantity")
    return tuple(merged.values())


def price(wishes: Sequence[Wish], offers: Mapping[BookId, Offer]) -> tuple[Line, ...]:
    """Give each wish its title and price; raises UnknownBookError or MixedCurrenciesError."""
    unknown = [
        FieldError(
            pointer=f"{wish.pointer}/book_id",
            code=UnknownBookError.code,
            message=f"book {wish.book_id} is not sold here",
        )
        for wish in wishes
        if wish.book_id not in offers
    ]
    if unknown:
        raise UnknownBookError(unknown[0].message, *unknown)
    currency = offers[wishes[0].book_id].price.currency
    mixed = [wish for wish in wishes if offers[wish.book_id].price.currency != currency]
    if mixed:
        message = "all books of an order have their price in one currency"
        raise refusal(MixedCurrenciesError, message, mixed[0].pointer)
    return tuple(
        Line(
            book_id=wish.book_id,
            title=offers[wish.book_id].title,
            quantity=wish.quantity,
            unit_price=offers[wish.book_id].price,
            index=wish.index,
        )
        for wish in wishes
    )


def cost(lines: Sequence[Line], *, expected: Money | None = None) -> Money:
    """Add the lines up; raises PriceChangedError unless it is what the customer expects."""
    now = total(line.line_total for line in lines)
    if expected is not None and expected != now:
        raise PriceChangedError(now)
    return now
