"""Where inventory lives."""

from bookstore.kit.process_settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Each from INVENTORY_<NAME>, else from <NAME>."""

    database_url: str = "sqlite:///inventory.db"
