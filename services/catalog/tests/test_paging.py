"""Cursors: anybody can write one, so nothing of it is believed."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from bookstore.catalog.application.search import BookSearch, BookSort
from bookstore.catalog.inbound.paging import continued, cursor_after
from bookstore.kit.cursor import CursorInvalidError, encode

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
@pytest.mark.parametrize(
    "last",
    [
        [],
        [1],
        [1, 2, 3],
        [None, 1],
        [1.5, 1],
        [True, True],
        [-1, 1],
        [2**63, 1],
        [1, 2**63],
        [1, "1"],
        [["x"], 1],
        ["x", -1],
    ],
)
def test_a_forged_position_is_refused(sort: BookSort, last: list[Any]) -> None:
    search = BookSearch(sort=sort)
    asked = {k: v for k, v in asdict(search).items() if k not in {"limit", "offset", "after"}}

    with pytest.raises(CursorInvalidError):
        continued(search, encode(asked, last))


def test_an_instant_beyond_the_calendar_is_refused() -> None:
    search = BookSearch()
    asked = {k: v for k, v in asdict(search).items() if k not in {"limit", "offset", "after"}}

    with pytest.raises(CursorInvalidError):
        continued(search, encode(asked, [2**62, 1]))
