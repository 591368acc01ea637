"""What ordering is told by its environment."""

from typing import Literal

from bookstore.kit.process_settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Where ordering lives; each from ORDER_<NAME>, else from <NAME>.

    The embedded saga engine needs all six services in its process: `bookstore up`.
    """

    database_url: str = "sqlite:///order.db"
    saga_engine: Literal["embedded"] = "embedded"
