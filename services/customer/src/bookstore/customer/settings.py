"""Where customers' wish lists and points are kept."""

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """Each from CUSTOMER_<NAME>, else from <NAME>."""

    database_url: str = "sqlite:///customer.db"
