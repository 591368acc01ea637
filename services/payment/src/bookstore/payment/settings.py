"""What an operator may say about payment."""

from typing import Literal

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """Where payment and its card network live; each from PAYMENT_<NAME>, else from <NAME>.

    `webhook_secret` is shared with the card network: without one no webhook is believed.
    `network_*` and `sweep_every` are seconds: how long one call to the card network may take,
    how slow and how silent the simulated one is where its tokens ask for it, and how often what
    was left behind is swept up. `role` is what a process of its own serves: what only reads
    (query), what writes (command), or both.
    """

    database_url: str = "sqlite:///payment.db"
    card_network_url: str = "sqlite:///card_network.db"
    webhook_secret: str = ""
    network_deadline: float = 3.0
    network_backoff: float = 1.0
    network_slow: float = 2.0
    network_silent: float = 30.0
    sweep_every: float = 30.0
    role: Literal["all", "command", "query"] = "all"

    def __post_init__(self) -> None:
        """Raise ValueError for what makes no sense."""
        for name in ("network_deadline", "sweep_every"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name.upper()}: must be more than 0 seconds")
