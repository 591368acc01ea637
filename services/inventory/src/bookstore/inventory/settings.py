"""Where inventory lives."""

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """Each from INVENTORY_<NAME>, else from <NAME>."""

    database_url: str = "sqlite:///inventory.db"
