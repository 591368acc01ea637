"""What may not stand in a request."""

import pytest

from bookstore.order.domain.address import ShippingAddress
from bookstore.order.domain.refusals import (
    CardNumberRefusedError,
    TextInvalidError,
    TokenRefusedError,
    payment_token,
)


def test_an_address_is_kept_in_canonical_form() -> None:
    address = ShippingAddress(name=" Zoe\u0308 ", line1="1 Rue", city="Paris", country="FR")

    assert address.name == "Zoë"
    assert address.line2 is None


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "a\x00b", "one\ntwo"])
def test_a_text_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(TextInvalidError) as failure:
        ShippingAddress(name=text, line1="1 Rue", city="Paris", country="FR")

    assert failure.value.fields[0].pointer == "/shipping_address/name"


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "Ada, 5555-5555-5555-4444"])
def test_a_card_number_is_refused_in_an_address(text: str) -> None:
    with pytest.raises(CardNumberRefusedError):
        ShippingAddress(name="Ada", line1=text, city="Paris", country="FR")


def test_a_token_is_a_token() -> None:
    assert payment_token("tok_visa") == "tok_visa"


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("visa", TokenRefusedError),
        ("4111111111111111", CardNumberRefusedError),
        ("tok_4111111111111111", CardNumberRefusedError),
    ],
)
def test_nothing_else_is_a_token(token: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        payment_token(token)
