"""Cursors over orders: where a page ended, bound to its filters and sort."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bookstore.kit.cursor import decode, encode
from bookstore.order.application.ports import Page, Search, Sort
from bookstore.order.domain.order import OrderId

_KEYS: dict[Sort, type[datetime | int]] = {Sort.CREATED_AT: datetime, Sort.TOTAL_PRICE: int}


def resumed(search: Search, cursor: str | None) -> Search:
    """Go on where the cursor says; raises CursorInvalidError."""
    if cursor is None:
        return search
    key, order_id = decode(_asked(search), cursor, _KEYS[search.sort], UUID)
    return replace(search, after=(key, OrderId(order_id)))


def next_cursor(search: Search, page: Page) -> str | None:
    """Return the cursor of the next page, if there is one."""
    if not page.more:
        return None
    last = page.orders[-1]
    key = last.created_at if search.sort is Sort.CREATED_AT else last.total.amount
    return encode(_asked(search), key, last.id)


def _asked(search: Search) -> list[object]:
    statuses = sorted(search.statuses)
    filters = [search.user_id, statuses, search.since, search.until]
    return [*filters, search.sort, search.ascending]
