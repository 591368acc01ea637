"""Where an order goes."""

from dataclasses import dataclass, fields

from bookstore.order.domain.refusals import readable


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingAddress:
    """A postal address; `country` is an ISO 3166-1 alpha-2 code.

    Its texts are brought into their canonical form; raises TextInvalidError and
    CardNumberRefusedError.
    """

    name: str
    line1: str
    line2: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str

    def __post_init__(self) -> None:
        for field in fields(self):
            text = getattr(self, field.name)
            if text is not None:
                kept = readable(text, f"/shipping_address/{field.name}")
                object.__setattr__(self, field.name, kept)
