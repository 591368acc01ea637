"""What ordering is told by its environment."""

from typing import Literal

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """Where ordering lives; each from ORDER_<NAME>, else from <NAME>.

    The embedded saga engine needs all six services in its process: `bookstore up`. `role` is
    what a process of its own serves (see __main__).
    """

    database_url: str = "sqlite:///order.db"
    saga_engine: Literal["embedded"] = "embedded"
    role: Literal["all", "command", "query"] = "all"
