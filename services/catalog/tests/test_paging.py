"""Cursors: anybody can write one, so nothing of it is believed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.harness.cursors import forged

from bookstore.catalog.application.search import BookSearch, BookSort
from bookstore.catalog.inbound.paging import continued, cursor_after
from bookstore.kit.cursor import CursorInvalidError

POSITIONS: dict[BookSort, tuple[Any, int]] = {
    BookSort.CREATED_AT: (datetime(2026, 1, 1, microsecond=7, tzinfo=UTC), 3),
    BookSort.UPDATED_AT: (datetime(2026, 1, 1, tzinfo=UTC), 3),
    BookSort.TITLE: ("\u00e9mile 'or' \\", 3),
    BookSort.PRICE: (1999, 3),
}


@pytest.mark.parametrize("sort", BookSort)
def test_a_cursor_leads_back_to_its_position(sort: BookSort) -> None:
    search = BookSearch(sort=sort, title="x", limit=5)

    cursor = cursor_after(search, POSITIONS[sort])

    assert continued(BookSearch(sort=sort, title="x", limit=9), cursor).after == POSITIONS[sort]


def test_the_longest_title_fits_into_a_cursor() -> None:
    search = BookSearch(sort=BookSort.TITLE)

    cursor = cursor_after(search, ("\U0001f4d6" * 100, 2**53 - 1))

    assert cursor is not None
    assert len(cursor) < 1000


@pytest.mark.parametrize("sort", BookSort)
def test_a_forged_position_is_refused(sort: BookSort) -> None:
    search, position = BookSearch(sort=sort), POSITIONS[sort]
    cursor = cursor_after(search, position)
    assert cursor is not None

    for wrong in forged(cursor, key=type(position[0]), row=int):
        with pytest.raises(CursorInvalidError):
            continued(search, wrong)
