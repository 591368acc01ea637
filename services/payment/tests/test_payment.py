"""What a payment may become, and how much of it may go back."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore.kit.money import Money
from bookstore.payment.domain.payment import MOVES, IllegalMoveError, Payment, Status, masked
from bookstore.payment.domain.refund import (
    PaymentNotCapturedError,
    RefundCurrencyError,
    RefundExceedsCaptureError,
    RefundStatus,
    refusal,
)
from services.payment.tests.builders import NOW, a_captured_payment, a_payment, a_refund, usd

LATER = NOW + timedelta(minutes=1)
WAYS = {
    Status.STARTED: (),
    Status.AUTHORISED: (Status.AUTHORISED,),
    Status.CAPTURED: (Status.AUTHORISED, Status.CAPTURED),
    Status.VOIDED: (Status.VOIDED,),
    Status.REFUNDED: (Status.AUTHORISED, Status.CAPTURED, Status.REFUNDED),
    Status.DECLINED: (Status.DECLINED,),
}


def move(payment: Payment, status: Status) -> None:
    match status:
        case Status.AUTHORISED:
            payment.authorise(LATER)
        case Status.CAPTURED:
            payment.capture(LATER)
        case Status.VOIDED:
            payment.void(LATER)
        case Status.DECLINED:
            payment.decline("card-declined", LATER)
        case Status.REFUNDED:
            payment.pay_back(payment.amount, LATER)


def payment_in(status: Status) -> Payment:
    payment = a_payment()
    for step in WAYS[status]:
        move(payment, step)
    return payment


@pytest.mark.parametrize(
    ("here", "there"), [p for p in product(Status, Status) if p[1] is not Status.STARTED]
)
def test_only_the_moves_of_the_table_are_made(here: Status, there: Status) -> None:
    payment = payment_in(here)

    if there in MOVES[here]:
        move(payment, there)
        assert (payment.status, payment.updated_at) == (there, LATER)
    else:
        with pytest.raises(IllegalMoveError):
            move(payment, there)
        assert payment.status is here


def test_money_goes_from_held_to_taken_to_paid_back_and_never_back_again() -> None:
    assert {(str(here), str(there)) for here, moves in MOVES.items() for there in moves} == {
        ("started", "authorised"),
        ("started", "declined"),
        ("started", "voided"),
        ("authorised", "captured"),
        ("authorised", "voided"),
        ("captured", "refunded"),
    }


@pytest.mark.parametrize("here", Status)
def test_what_the_network_itself_says_counts_for_more_than_what_was_heard(here: Status) -> None:
    taken, gone, held = payment_in(here), payment_in(here), payment_in(here)
    ended = here is Status.REFUNDED

    assert taken.took(LATER) == (here not in {Status.CAPTURED, Status.REFUNDED})
    assert taken.status is (Status.REFUNDED if ended else Status.CAPTURED)
    assert taken.captured == taken.amount
    assert gone.let_go(LATER) != ended
    assert gone.is_over
    assert gone.captured == (gone.amount if ended else usd(0))
    assert not gone.let_go(LATER)
    assert held.held(LATER) == (here is Status.STARTED)


def test_what_is_held_after_all_of_a_failed_payment_is_still_to_be_let_go() -> None:
    payment = a_payment()
    assert payment.refused("card-declined", NOW)
    assert payment.held(LATER)
    assert (payment.status, payment.is_over) == (Status.DECLINED, False)


def test_a_capture_takes_all_and_dates_the_payment() -> None:
    payment = payment_in(Status.AUTHORISED)
    payment.capture(LATER)
    assert (payment.captured, payment.refundable, payment.payment_date) == (
        payment.amount,
        payment.amount,
        LATER,
    )


def test_a_decline_says_why() -> None:
    payment = a_payment()
    payment.decline("insufficient-funds", LATER)
    assert payment.reason == "insufficient-funds"


def test_a_free_order_is_refunded_without_money() -> None:
    payment = a_captured_payment(amount=usd(0))
    payment.pay_back(usd(0), LATER)
    assert payment.status is Status.REFUNDED


@given(st.integers(0, 10_000), st.lists(st.integers(-5, 6_000)))
def test_never_more_goes_back_than_was_taken(amount: int, parts: list[int]) -> None:
    payment = a_captured_payment(amount=usd(amount))
    for part in parts:
        before = payment.refunded
        try:
            payment.pay_back(usd(part), LATER)
        except IllegalMoveError:
            assert payment.refunded == before
        assert 0 <= payment.refunded.amount <= payment.captured.amount == amount
        assert (payment.status is Status.REFUNDED) == (
            payment.refunded == payment.captured and payment.updated_at == LATER
        )


def test_a_refund_ends_once() -> None:
    payment = a_captured_payment()
    refund = a_refund(payment, 1000)
    refund.settle(payment, LATER)

    assert (refund.status, refund.is_open, payment.refunded) == (
        RefundStatus.REFUNDED,
        False,
        usd(1000),
    )
    with pytest.raises(IllegalMoveError):
        refund.settle(payment, LATER)
    with pytest.raises(IllegalMoveError):
        refund.decline(LATER)
    assert payment.refunded == usd(1000)


def test_a_refusal_names_the_first_thing_that_is_wrong() -> None:
    captured = a_captured_payment()
    assert isinstance(refusal(a_payment(), usd(1)), PaymentNotCapturedError)
    assert isinstance(refusal(captured, Money(1, "EUR")), RefundCurrencyError)
    assert isinstance(refusal(captured, usd(4000)), RefundExceedsCaptureError)


def test_a_token_is_shown_by_its_last_four_characters() -> None:
    assert masked("tok_8f3aVeryLong91c2") == "tok_…91c2"
