from datetime import timedelta

import pytest

from bookstore.inventory.domain.stock import (
    MOST,
    BelowReservedError,
    Kind,
    NothingToAdjustError,
    TooManyCopiesError,
)
from services.inventory.tests.builders import BY_HAND, NOON, a_stock

LATER = NOON + timedelta(hours=1)


def test_a_change_knows_what_was_and_what_is() -> None:
    stock = a_stock(quantity=5, reserved=2)

    change = stock.shipped(2, BY_HAND, LATER)

    assert (change.kind, change.quantity, change.reserved) == (Kind.SHIPPED, -2, -2)
    assert change.before is stock
    assert (change.after.quantity, change.after.reserved, change.after.available) == (3, 0, 3)
    assert (change.after.version, change.after.updated_at) == (2, LATER)
    assert change.after.created_at == NOON


def test_editing_sets_and_adjusting_adds() -> None:
    assert a_stock(quantity=5).edited(9, BY_HAND, LATER).quantity == 4
    assert a_stock(quantity=5).adjusted(-2, BY_HAND, LATER).after.quantity == 3


def test_reserved_copies_cannot_be_taken_away() -> None:
    stock = a_stock(quantity=5, reserved=2)

    assert stock.edited(2, BY_HAND, LATER).after.available == 0
    with pytest.raises(BelowReservedError):
        stock.edited(1, BY_HAND, LATER)
    with pytest.raises(BelowReservedError):
        stock.adjusted(-4, BY_HAND, LATER)
    with pytest.raises(BelowReservedError):
        stock.removed(BY_HAND, LATER)


def test_no_more_can_be_reserved_than_is_there_nor_less_than_nothing() -> None:
    stock = a_stock(quantity=5, reserved=4)

    assert stock.reserved_for(1, BY_HAND, LATER).after.available == 0
    with pytest.raises(BelowReservedError):
        stock.reserved_for(2, BY_HAND, LATER)
    with pytest.raises(BelowReservedError):
        stock.released(5, BY_HAND, LATER)


def test_an_adjustment_says_something_and_stays_in_range() -> None:
    with pytest.raises(NothingToAdjustError):
        a_stock().adjusted(0, BY_HAND, LATER)
    with pytest.raises(TooManyCopiesError):
        a_stock(quantity=1).adjusted(MOST, BY_HAND, LATER)
    with pytest.raises(TooManyCopiesError):
        a_stock(quantity=1).adjusted(-2, BY_HAND, LATER)


def test_a_row_that_is_removed_has_no_copies_left() -> None:
    assert a_stock(quantity=5).removed(BY_HAND, LATER).quantity == -5
