import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore.kit.money import (
    MINOR_DIGITS,
    MixedCurrenciesError,
    Money,
    UnknownCurrencyError,
    total,
)

amounts = st.integers(0, 10**9)


@given(st.lists(amounts, min_size=1, max_size=20), st.sampled_from(sorted(MINOR_DIGITS)))
def test_a_total_is_exact(units: list[int], currency: str) -> None:
    assert total(Money(unit, currency) for unit in units) == Money(sum(units), currency)


@given(amounts, st.integers(1, 999))
def test_times_is_plus_so_many_times(amount: int, quantity: int) -> None:
    price = Money(amount, "USD")

    assert price * quantity == total([price] * quantity)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(MixedCurrenciesError):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(MixedCurrenciesError):
        Money(1, "USD") - Money(1, "EUR")


@pytest.mark.parametrize("currency", ["usd", "XXX", "", "US", "USDT"])
def test_a_currency_must_exist(currency: str) -> None:
    with pytest.raises(UnknownCurrencyError):
        Money(1, currency)


def test_an_amount_is_never_a_float() -> None:
    with pytest.raises(TypeError):
        Money(19.99, "USD")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1999, "USD"), "19.99 USD"),
        (Money(5, "USD"), "0.05 USD"),
        (Money(-5, "USD"), "-0.05 USD"),
        (Money(1999, "KRW"), "1999 KRW"),
        (Money(1999, "KWD"), "1.999 KWD"),
    ],
)
def test_it_reads_as_people_write_it(money: Money, text: str) -> None:
    assert str(money) == text
