"""How an order moves, and how it does not."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bookstore.kit.errors import ConflictError
from bookstore.order.domain.order import (
    MOVES,
    OPEN,
    CancelRequestedError,
    IllegalMoveError,
    Order,
    Status,
    TooLateError,
)
from services.order.tests.builders import NOW, an_order, an_order_that_is

STEPS: dict[Status, Callable[[Order], None]] = {
    Status.PLACED: lambda order: order.place(NOW),
    Status.PAID: lambda order: order.mark_paid(NOW),
    Status.CONFIRMED: lambda order: order.confirm(NOW),
    Status.SHIPPING: lambda order: order.ship(NOW),
    Status.COMPLETED: lambda order: order.complete(NOW),
    Status.CANCELLING: lambda order: order.begin_cancelling("out-of-stock", NOW),
    Status.CANCELLED: lambda order: order.cancel("out-of-stock", NOW),
}


@pytest.mark.parametrize("to", STEPS)
@pytest.mark.parametrize("start", Status)
def test_an_order_makes_the_moves_of_the_table_and_no_other(start: Status, to: Status) -> None:
    order = an_order_that_is(start)

    if to in MOVES[start]:
        STEPS[to](order)
        assert order.status is to
    else:
        with pytest.raises(IllegalMoveError):
            STEPS[to](order)
        assert order.status is start


def test_completed_and_cancelled_orders_are_not_open() -> None:
    assert set(Status) - OPEN == {Status.COMPLETED, Status.CANCELLED}
    assert an_order().is_open
    assert not an_order_that_is(Status.CANCELLED).is_open


def test_placing_gives_the_order_its_number() -> None:
    order = an_order(serial=123)
    assert order.number is None

    order.place(NOW)

    assert order.number == "2026-000123"


@pytest.mark.parametrize("status", [Status.PENDING, Status.PLACED])
def test_an_order_that_shall_be_cancelled_does_not_go_forward(status: Status) -> None:
    order = an_order_that_is(status)
    order.request_cancellation("cancelled-by-customer", NOW)

    with pytest.raises(CancelRequestedError):
        (order.place if status is Status.PENDING else order.mark_paid)(NOW)

    assert order.status is status


def test_asking_twice_to_cancel_changes_nothing_more() -> None:
    order = an_order()
    order.request_cancellation("cancelled-by-customer", NOW)
    version = order.version

    order.request_cancellation("cancelled-by-staff", NOW)

    assert (order.reason, order.version) == ("cancelled-by-customer", version)


@pytest.mark.parametrize("status", set(Status) - {Status.PENDING, Status.PLACED})
def test_once_paid_it_is_too_late_to_call_a_purchase_off(status: Status) -> None:
    with pytest.raises(TooLateError):
        an_order_that_is(status).request_cancellation("cancelled-by-customer", NOW)


def test_why_it_was_to_be_cancelled_counts_more_than_what_it_ran_into() -> None:
    order = an_order()
    order.request_cancellation("cancelled-by-customer", NOW)

    order.cancel("order-cancelled", NOW)

    assert order.reason == "cancelled-by-customer"


class OrderMachine(RuleBasedStateMachine):
    """Whatever is tried, an order only ever goes along the table, and each move is a version."""

    @initialize()
    def begin(self) -> None:
        self.order = an_order(serial=7)
        self.seen = [Status.PENDING]

    @rule(to=st.sampled_from(list(STEPS)))
    def try_a_move(self, to: Status) -> None:
        version = self.order.version
        try:
            STEPS[to](self.order)
        except ConflictError:
            assert self.order.version == version
        else:
            assert to in MOVES[self.seen[-1]]
            assert self.order.version == version + 1
            self.seen.append(to)

    @rule()
    def ask_to_cancel(self) -> None:
        try:
            self.order.request_cancellation("cancelled-by-customer", NOW)
        except TooLateError:
            assert Status.PAID in self.seen or Status.CANCELLED in self.seen

    @invariant()
    def it_has_a_number_once_it_is_placed(self) -> None:
        assert (self.order.number is not None) == (Status.PLACED in self.seen)

    @invariant()
    def it_says_why_it_was_cancelled(self) -> None:
        if self.order.status in (Status.CANCELLING, Status.CANCELLED):
            assert self.order.reason


TestOrderMachine = OrderMachine.TestCase
TestOrderMachine.settings = settings(max_examples=60, stateful_step_count=20)
