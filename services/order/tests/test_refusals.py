"""What may not stand in a request."""

import pytest

from bookstore.kit.cards import CardNumberError
from bookstore.order.domain.address import COUNTRIES, ShippingAddress, UnknownCountryError
from bookstore.order.domain.refusals import (
    TextInvalidError,
    TokenRefusedError,
    payment_token,
)


def test_an_address_is_kept_in_canonical_form() -> None:
    address = ShippingAddress.given(name=" Zoe\u0308 ", line1="1 Rue", city="Paris", country="FR")

    assert address.name == "Zoë"
    assert address.line2 is None


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "a\x00b", "one\ntwo"])
def test_a_text_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(TextInvalidError) as failure:
        ShippingAddress.given(name=text, line1="1 Rue", city="Paris", country="FR")

    assert failure.value.fields[0].pointer == "/shipping_address/name"


@pytest.mark.parametrize("text", ["4111 1111 1111 1111", "Ada, 5555-5555-5555-4444"])
def test_a_card_number_is_refused_in_an_address(text: str) -> None:
    with pytest.raises(CardNumberError):
        ShippingAddress.given(name="Ada", line1=text, city="Paris", country="FR")


@pytest.mark.parametrize("country", ["XX", "UK", "ZZ", "EU", "AN", "gb", ""])
def test_a_country_that_is_none_is_pointed_at(country: str) -> None:
    with pytest.raises(UnknownCountryError) as failure:
        ShippingAddress.given(name="Ada", line1="1 Rue", city="Paris", country=country)

    (field,) = failure.value.fields
    assert (field.pointer, field.code) == ("/shipping_address/country", "unknown-country")


@pytest.mark.parametrize("country", ["FR", "KR", "GB", "US", "SS", "BQ", "AX", "TW"])
def test_a_country_is_known_by_its_code(country: str) -> None:
    address = ShippingAddress.given(name="Ada", line1="1 Rue", city="Paris", country=country)

    assert address.country == country


def test_there_are_as_many_countries_as_iso_has_assigned() -> None:
    assert len(COUNTRIES) == 249


def test_an_address_that_was_kept_is_shown_even_if_its_country_is_gone() -> None:
    assert ShippingAddress(name="Ada", line1="1 Rue", city="Willemstad", country="AN").country


def test_a_token_is_a_token() -> None:
    assert payment_token("tok_visa") == "tok_visa"


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("visa", TokenRefusedError),
        ("4111111111111111", CardNumberError),
        ("tok_4111111111111111", CardNumberError),
    ],
)
def test_nothing_else_is_a_token(token: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        payment_token(token)
