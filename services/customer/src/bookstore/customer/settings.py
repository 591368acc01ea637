"""Where customers' wish lists and points are kept."""

from bookstore.kit.process_settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Each from CUSTOMER_<NAME>, else from <NAME>."""

    database_url: str = "sqlite:///customer.db"
