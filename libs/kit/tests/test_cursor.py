"""Cursors come back as they went, and those that somebody edited are refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.harness.cursors import forged

from bookstore.kit.cursor import CursorInvalidError, decode, encode


def test_a_cursor_comes_back_as_it_went() -> None:
    asked = {"title": "x", "sort": "price"}

    assert decode(asked, encode(asked, 1999, 7), int, int) == (1999, 7)
    moment, row = datetime(2026, 1, 1, microsecond=7, tzinfo=UTC), uuid4()
    assert decode(asked, encode(asked, moment, row), datetime, UUID) == (moment, row)
    assert decode(asked, encode(asked, "\u00e9 'or' \\", 7), str, int) == ("\u00e9 'or' \\", 7)


@pytest.mark.parametrize("cursor", ["", "x", "é", "!!!!", encode({"title": "y"}, 1, 2)])
def test_a_strange_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalidError):
        decode({"title": "x"}, cursor, int, int)


@pytest.mark.parametrize("key", [datetime, int, str])
@pytest.mark.parametrize("row", [int, UUID])
def test_nothing_that_a_cursor_says_is_believed(key: type[Any], row: type[Any]) -> None:
    asked = {"title": "x"}

    for wrong in forged(encode(asked, 1, 1), key=key, row=row):
        with pytest.raises(CursorInvalidError):
            decode(asked, wrong, key, row)
