"""Where an order goes."""

from dataclasses import dataclass
from typing import Final, Self

from bookstore.kit.errors import InvalidError
from bookstore.order.domain.refusals import readable, refusal

# The officially assigned codes of ISO 3166-1 alpha-2. XK (Kosovo) is none, and neither is UK.
_ASSIGNED = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ"
    " BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM"
    " DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS"
    " GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN"
    " KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ"
    " MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM"
    " PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV"
    " SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI"
    " VN VU WF WS YE YT ZA ZM ZW"
)
COUNTRIES: Final = frozenset(_ASSIGNED.split())


class UnknownCountryError(InvalidError):
    """There is no such country: its code is none that ISO 3166-1 alpha-2 assigns."""

    code = "unknown-country"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingAddress:
    """A postal address; `country` is an ISO 3166-1 alpha-2 code.

    One that was kept is taken as it is, since countries come and go; a new one is `given`.
    """

    name: str
    line1: str
    line2: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str

    @classmethod
    def given(cls, *, country: str, **texts: str | None) -> Self:
        """Take an address from a request, and bring its texts into their canonical form.

        Raises TextInvalidError, CardNumberError and UnknownCountryError.
        """
        kept = {
            name: text if text is None else readable(text, f"/shipping_address/{name}")
            for name, text in texts.items()
        }
        if country not in COUNTRIES:
            message = f"{country!r} is no country's code"
            raise refusal(UnknownCountryError, message, "/shipping_address/country")
        return cls(**kept, country=country)  # type: ignore[arg-type]  # what is required was given
