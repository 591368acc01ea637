"""What the customer is told when a purchase comes to nothing."""

import pytest

from bookstore.order.domain.ending import FAILURES, Cause, PaymentUnavailableError, failed
from services.order.tests.builders import CLEAN_CODE, REFACTORING, a_line, an_order


@pytest.mark.parametrize(
    ("step", "code", "ending"),
    [
        ("make_payment", "card-declined", "card-declined"),
        ("make_payment", "unknown", "payment-unavailable"),
        ("make_payment", "undone", "order-cancelled"),
        ("reserve_inventory", "out-of-stock", "out-of-stock"),
        ("reserve_inventory", "unknown", "order-cancelled"),
        ("change_order_status", "order-cancelled", "order-cancelled"),
        ("place_order", "order-cancelled", "order-cancelled"),
    ],
)
def test_each_failure_has_its_ending(step: str, code: str, ending: str) -> None:
    fields = [{"pointer": "/order_items/0/quantity", "available": 1}]
    cause = Cause(step=step, code=code, fields=tuple(fields))

    assert failed(an_order(), cause).code == ending
    assert FAILURES[ending].code == ending


def test_a_sold_out_book_is_pointed_at_where_the_customer_named_it() -> None:
    order = an_order(lines=(a_line(index=0), a_line(REFACTORING, 5, index=3)))
    shortage = {"pointer": "/order_items/1/quantity", "available": 4}

    ending = failed(
        order, Cause(step="reserve_inventory", code="out-of-stock", fields=(shortage,))
    )

    (field,) = ending.fields
    assert (field.pointer, field.code, field.available) == ("/order_items/3", "out-of-stock", 4)
    assert "Refactoring" in field.message


def test_a_declined_card_points_at_the_token() -> None:
    ending = failed(an_order(), Cause(step="make_payment", code="card-declined"))

    assert ending.fields[0].pointer == "/payment_method/token"
    assert ending.order.lines[0].book_id == CLEAN_CODE


@pytest.mark.parametrize(
    ("code", "reason", "sentence"),
    [
        (
            "card-declined",
            "the card has insufficient funds",
            "The card has insufficient funds; nothing was paid.",
        ),
        ("card-declined", "", "The card was declined; nothing was paid."),
        ("payment-exists", "paid by another saga", "The card was declined; nothing was paid."),
    ],
)
def test_a_declined_card_is_told_in_the_words_of_the_network(
    code: str, reason: str, sentence: str
) -> None:
    ending = failed(an_order(), Cause(step="make_payment", code=code, reason=reason))

    assert ending.sentence == sentence
    assert ending.fields[0].message == sentence


def test_other_endings_are_told_in_our_words() -> None:
    cause = Cause(step="make_payment", code="unknown", reason="TimeoutError in worker 3")

    assert failed(an_order(), cause).sentence == PaymentUnavailableError.sentence
