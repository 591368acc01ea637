"""What ordering is told by its environment."""

from collections.abc import Iterator
from typing import Literal

from bookstore.saga.forgetting import ParticipantSettings


class Settings(ParticipantSettings, frozen=True, kw_only=True):
    """Where ordering lives; each from ORDER_<NAME>, else from <NAME>.

    The embedded saga engine needs all six services in its process: `bookstore up`. With Conductor
    `conductor_url` says where its server is.
    """

    database_url: str = "sqlite:///order.db"
    saga_engine: Literal["embedded", "conductor"] = "embedded"
    conductor_url: str = ""

    def problems(self) -> Iterator[str]:
        yield from super().problems()
        if self.saga_engine == "conductor" and not self.conductor_url.startswith(
            ("http://", "https://")
        ):
            yield (
                "CONDUCTOR_URL: SAGA_ENGINE=conductor takes an address such as "
                "http://conductor:8080"
            )
        if self.saga_engine == "embedded" and self.conductor_url:
            yield "CONDUCTOR_URL: is set, but SAGA_ENGINE is embedded; set it to conductor"
