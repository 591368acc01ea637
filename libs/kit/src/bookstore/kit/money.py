"""Money: integer minor units and an ISO 4217 currency, never a float."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from bookstore.kit.errors import InvalidError

# ISO 4217, active codes by the number of their minor units' digits; the rest have two.
_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
        "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
        "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO "
        "NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
        "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
        "XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_DIGITS = {code: digits for digits, codes in _EXPONENTS.items() for code in codes.split()}


class UnknownCurrencyError(InvalidError):
    """The currency is not one of ISO 4217."""

    code = "unknown-currency"


class MixedCurrenciesError(InvalidError):
    """Amounts of several currencies do not add up."""

    code = "mixed-currencies"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (1999 USD is $19.99) of a currency."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse currencies that do not exist, and floats."""
        if self.currency not in MINOR_DIGITS:
            raise UnknownCurrencyError(f"{self.currency!r} is not an ISO 4217 currency")
        if type(self.amount) is not int:
            raise TypeError("an amount is an integer of minor units")

    def __add__(self, other: Self) -> "Money":
        self._must_match(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> "Money":
        self._must_match(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.amount * quantity, self.currency)

    def __str__(self) -> str:
        digits = MINOR_DIGITS[self.currency]
        sign, units = ("-", -self.amount) if self.amount < 0 else ("", self.amount)
        whole, minor = divmod(units, 10**digits)
        return (
            f"{sign}{whole}.{minor:0{digits}} {self.currency}"
            if digits
            else f"{sign}{whole} {self.currency}"
        )

    def _must_match(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise MixedCurrenciesError(f"{self.currency} and {other.currency} do not add up")


def total(amounts: Iterable[Money]) -> Money:
    """Add up at least one amount; raises MixedCurrenciesError."""
    first, *rest = amounts
    for amount in rest:
        first = first + amount
    return first
