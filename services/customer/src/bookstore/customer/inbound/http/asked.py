"""What the lists are asked alike: which part is wanted, in which order."""

from typing import Protocol

from bookstore.contracts.openapi import customer as api
from bookstore.customer.application.ports import Slice
from bookstore.kit.cursor import skipped
from bookstore.kit.money import Money


class _List(Protocol):
    """The paging parameters that every list takes."""

    @property
    def sort(self) -> str: ...

    @property
    def order(self) -> api.SortOrder: ...

    @property
    def limit(self) -> int: ...

    @property
    def offset(self) -> int | None: ...


def part_of(query: _List, cursor: str | None = None) -> Slice:
    """Return which part of the list is wanted; raises CursorWithOffsetError."""
    return Slice(
        sort=str(query.sort),
        descending=query.order is api.SortOrder.DESC,
        limit=query.limit,
        offset=skipped(query.offset, cursor),
        cursor=cursor,
    )


def money_document(money: Money) -> api.Money:
    """Return an amount as clients read it."""
    return api.Money(amount=money.amount, currency=money.currency)
