"""Saying what an order would cost, without placing it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookstore.kit.money import Money
from bookstore.order.application.ports import PriceList
from bookstore.order.domain.basket import Line, Wish, cost, price


@dataclass(frozen=True, slots=True)
class Quote:
    """What the lines cost, and all of them."""

    lines: tuple[Line, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class QuoteOrder:
    """Prices what somebody might order."""

    price_list: PriceList

    async def __call__(self, wishes: Sequence[Wish]) -> Quote:
        offers = await self.price_list.offers([wish.book_id for wish in wishes])
        lines = price(wishes, offers)
        return Quote(lines, cost(lines))
